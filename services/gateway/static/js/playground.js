// From a press of the button to the drawing on the stage, one at a time.
import * as banner from "./banner.js";
import { command } from "./curl.js";
import { find, words } from "./dom.js";
import { Fault } from "./fault.js";
import * as api from "./api.js";
import * as job from "./job.js";
import * as key from "./key.js";
import * as layers from "./layers.js";
import * as output from "./output.js";
import * as progress from "./progress.js";
import { Regions } from "./regions.js";
import { Stage } from "./stage.js";
import * as swipe from "./swipe.js";

const FILES = ["image", "landmarks", "segmentation_map"];
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
        options.take([["regions", names.join(",")]]);
        this.draw();
      },
    });
  }

  /** Draws what the form says; a drawing that is under way is given up. */
  async draw() {
    this.under?.abort();
    const under = (this.under = new AbortController());
    this.#calm();
    let id = "";
    progress.begin(() => id && api.cancel(id).catch(() => {}));
    const told = (task) => {
      id = task.task_id;
      progress.update(task);
    };
    try {
      const results = [await job.run(this.#form(FILES), { signal: under.signal, told })];
      if (this.#compares) results.push(await job.run(this.#form(FILES.slice(0, 2)), { signal: under.signal, told }));
      if (under === this.under) this.#show(results);
    } catch (fault) {
      if (under === this.under) this.#complain(fault);
    } finally {
      if (under === this.under) progress.end();
    }
  }

  get #compares() {
    const compare = find("#compare");
    compare.disabled = !this.inputs.file("segmentation_map") || this.options.value("preset") === "map";
    return compare.checked && !compare.disabled;
  }

  #form(parts) {
    const form = new FormData();
    for (const [name, value] of this.options.chosen) form.append(name, value);
    for (const part of parts) if (this.inputs.file(part)) form.append(part, this.inputs.file(part));
    return form;
  }

  #show(results) {
    const [first, second] = results;
    const ignoresExif = this.options.value("ignore_exif") === "true";
    const sheets = this.stage.show(this.inputs.file("image"), results, { ignoresExif });
    swipe.unite();
    if (second) swipe.divide(TITLES);
    layers.offer(sheets, this.options.value("region_opacity"));
    this.regions.show(first.task.result, second?.task.result);
    progress.sum(first);
    const name = this.inputs.file("image").name.replace(/\.\w+$/, "");
    output.offer(first, name, this.#command(), progress.say);
    this.isDrawn = true;
  }

  #command() {
    return command({
      origin: location.origin,
      files: Object.fromEntries(FILES.map((part) => [part, this.inputs.file(part)])),
      options: this.options.chosen,
      sample: this.sample,
    });
  }

  #calm() {
    banner.clear();
    this.inputs.calm();
    this.options.calm();
  }

  #complain(fault) {
    if (!(fault instanceof Fault) && fault.name === "AbortError") return;
    progress.say("");
    const again = () => this.draw();
    if (fault.status === 401) key.ask(again);
    const isPlaced = this.inputs.complain(fault.field, fault.message) || this.options.complain(fault.field, fault.message);
    if (isPlaced) progress.say(`Not drawn: see ${words(fault.field).toLowerCase()}.`);
    else if (fault.status !== 401) banner.show(fault, again);
  }
}
