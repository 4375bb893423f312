// From a press of the button to the drawing on the stage, one at a time.
import * as banner from "./banner.js";
import { command } from "./curl.js";
import { find, words } from "./dom.js";
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
        options.take([["regions", names.join(",")]]); // none are all
        this.draw();
      },
    });
  }

  /**
   * Draws what the form says; a drawing that is under way is given up. Only who has asked for it
   * is led to what is wrong: the others are typing.
   */
  async draw({ isAsked = false } = {}) {
    this.under?.abort();
    const under = (this.under = new AbortController());
    this.#calm();
    let id = "";
    progress.begin(() => (id ? api.cancel(id).catch(() => {}) : under.abort()));
    const told = (task) => {
      id = task.task_id;
      progress.update(task);
    };
    try {
      const results = [await job.run(this.#form(FILES), { signal: under.signal, told })];
      if (this.#compares) results.push(await job.run(this.#form(FILES.slice(0, 2)), { signal: under.signal, told }));
      if (under === this.under) this.#show(results);
    } catch (fault) {
      if (under === this.under) this.#complain(fault, isAsked);
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
    this.regions.offer({ isPart: this.options.value("regions") !== "" });
    progress.sum(first);
    const name = this.inputs.file("image").name.replace(/\.\w+$/, "");
    output.offer(first, name, this.#command(), progress.say);
    const sample = this.sample ? [["sample", this.sample]] : [];
    history.replaceState(null, "", `?${new URLSearchParams([...sample, ...this.options.chosen])}`);
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

  #complain(fault, isAsked) {
    progress.say("");
    if (fault.name === "AbortError" || fault.reason === "CANCELLED") {
      progress.say("Cancelled.");
      return;
    }
    const again = () => this.draw({ isAsked });
    const { field, message } = fault;
    const place = this.inputs.complain(field, message) ?? this.options.complain(field, message);
    if (fault.status === 401) key.ask(message, again);
    else if (!place) banner.show(fault, again);
    if (!place) return;
    progress.say(`Not drawn: see ${words(field).toLowerCase()}.`);
    if (isAsked) place.input.focus({ preventScroll: true });
    if (place.input === document.activeElement) place.node.scrollIntoView({ block: "nearest" });
  }
}
