// From a press of the button to the drawing on the stage, one at a time.
import * as api from "./api.js";
import * as complaint from "./complaint.js";
import { find } from "./dom.js";
import * as job from "./job.js";
import * as layers from "./layers.js";
import * as output from "./output.js";
import * as progress from "./progress.js";
import { Regions } from "./regions.js";
import { Stage } from "./stage.js";
import { asCommand, FILES, form } from "./submission.js";
import * as swipe from "./swipe.js";

const TITLES = ["With the map", "Landmarks alone"];

export class Playground {
  sample = "";
  isDrawn = false;

  constructor(inputs, options) {
    Object.assign(this, { inputs, options });
    const lit = (name) => {
      this.regions.light(name);
      this.stage.light(this.regions.region(name));
    };
    this.stage = new Stage(lit);
    this.regions = new Regions({
      lit,
      toggled: (name, isShown) => this.stage.toggle(name, isShown),
      only: (names) => {
        options.take([["regions", names.join(",")]]); // none are all
        this.draw();
      },
    });
  }

  /** Draws what the form says; a drawing that is under way is given up. */
  async draw({ isAsked = false } = {}) {
    this.under?.abort();
    const under = (this.under = new AbortController());
    const { inputs, options } = this;
    complaint.calm(this);
    let id = "";
    progress.begin(() => (id ? api.cancel(id).catch(() => {}) : under.abort()));
    const told = (task) => {
      id = task.task_id;
      progress.update(task);
    };
    try {
      const run = (parts) => job.run(form(inputs, options, parts), { signal: under.signal, told });
      const results = [await run(FILES)];
      if (this.#compares) results.push(await run(FILES.slice(0, 2)));
      if (under === this.under) this.#show(results);
    } catch (fault) {
      const again = () => this.draw({ isAsked });
      if (under === this.under) complaint.tell(fault, { inputs, options, again, isAsked });
    } finally {
      if (under === this.under) progress.end();
    }
  }

  get #compares() {
    const compare = find("#compare");
    compare.disabled = !this.inputs.file("segmentation_map") || this.options.value("preset") === "map";
    return compare.checked && !compare.disabled;
  }

  #show(results) {
    const [first, second] = results;
    const ignoresExif = this.options.value("ignore_exif") === "true";
    const sheets = this.stage.show(this.inputs.file("image"), results, { ignoresExif });
    swipe.unite();
    if (second) swipe.divide(TITLES);
    layers.offer(sheets, this.options.value("region_opacity"));
    this.regions.show(first.task.result, second?.task.result);
    this.regions.offer({ isPart: this.options.value("regions") !== "" });
    progress.sum(first);
    const name = this.inputs.file("image").name.replace(/\.\w+$/, "");
    output.offer(first, name, asCommand(this.inputs, this.options, this.sample), progress.say);
    const sample = this.sample ? [["sample", this.sample]] : [];
    history.replaceState(null, "", `?${new URLSearchParams([...sample, ...this.options.chosen])}`);
    this.isDrawn = true;
  }
}
