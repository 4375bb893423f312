// All drawing options: how they are grouped, and what they say.
import { element, find } from "./dom.js";
import { Field } from "./field.js";

const GROUPS = [
  ["", ["preset", "trace"]],
  ["Look", ["theme", "region_opacity", "stroke_width", "show_labels", "show_landmarks", "embed_image"]],
  ["Frame", ["upright", "crop", "crop_margin"]],
  ["Reading the face", ["scheme", "units", "face_index", "ignore_exif"]],
  ["Reading the map", ["label_scheme", "label_table", "min_area", "lossy_map"]],
];
const ELSEWHERE = ["callback_url"]; // who looks at the page needs nobody told
const OTHERS = "Regions and ids";
const OPEN = matchMedia("(min-width: 760px)").matches ? ["Look", "Frame"] : [];

/** The options as fields of the form, by name. An option without a group goes to the last one. */
export class Options {
  constructor(schemas, presets) {
    this.presets = new Map(presets.map((preset) => [preset.name, preset]));
    const offered = Object.entries(schemas).filter(([name]) => !ELSEWHERE.includes(name));
    this.fields = new Map(offered.map(([name, schema]) => [name, new Field(name, schema)]));
    const grouped = GROUPS.flatMap(([, names]) => names);
    const others = [...this.fields.keys()].filter((name) => !grouped.includes(name));
    find("#options").replaceChildren(...[...GROUPS, [OTHERS, others]].map((group) => this.#group(...group)));
    this.about = element("p", { className: "note" });
    this.fields.get("preset").node.append(this.about);
    this.refresh();
  }

  /** Returns the names and values of all that differ from their default. */
  get chosen() {
    return [...this.fields.values()].filter((f) => !f.isDefault).map((f) => [f.name, f.value]);
  }

  value(name) {
    return this.fields.get(name).value;
  }

  /** Takes values by name; those that are no option are left alone. */
  take(values) {
    for (const [name, value] of values) if (this.fields.has(name)) this.fields.get(name).value = value;
    this.refresh();
  }

  reset() {
    for (const field of this.fields.values()) field.value = field.fallback;
    this.refresh();
  }

  /** Shows what follows from the values: what the preset is, and what is of no use now. */
  refresh() {
    this.about.textContent = this.presets.get(this.value("preset"))?.description ?? "";
    this.fields.get("crop_margin").node.hidden = this.value("crop") === "none";
    this.fields.get("label_table").node.hidden = this.value("label_scheme") !== "custom";
  }

  /** Puts a fault beside its option; returns where, if there is such an option. */
  complain(name, message) {
    const field = this.fields.get(name);
    if (!field) return null;
    field.node.hidden = false;
    const group = field.node.closest("details");
    if (group) group.open = true;
    field.complain(message);
    return field;
  }

  calm() {
    for (const field of this.fields.values()) field.complain();
  }

  #group(title, names) {
    const nodes = names.filter((n) => this.fields.has(n)).map((n) => this.fields.get(n).node);
    if (!title) return element("div", { className: "group" }, ...nodes);
    const body = element("div", { className: "group" }, ...nodes);
    return element("details", { open: OPEN.includes(title) }, element("summary", {}, title), body);
  }
}
