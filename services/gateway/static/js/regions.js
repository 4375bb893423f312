// The list of what is drawn: the keyboard's way to every region.
import { element, find, words } from "./dom.js";
import { difference, pixels, sides } from "./telling.js";

const list = find("#regions");
const SIDES = { left: "L", right: "R", center: "·" };

export class Regions {
  /** `lit(name)` hears what is looked at, `toggled(name, isShown)` what is switched. */
  constructor({ lit, toggled, only }) {
    Object.assign(this, { lit, toggled, only, rows: new Map() });
    find("#regions-all").onclick = () => this.#switch(true);
    find("#regions-none").onclick = () => this.#switch(false);
    list.addEventListener("pointerleave", () => lit(""));
  }

  /** Lists the regions of a result; with another result, how their areas differ from its. */
  show(result, other) {
    const hidden = new Set([...this.rows].filter(([, row]) => !row.box.checked).map(([name]) => name));
    this.regions = new Map(result.regions.map((r) => [r.name, { ...r, title: words(r.name) }]));
    const others = new Map(other?.regions.map((r) => [r.name, r]));
    this.rows = new Map([...this.regions].map(([name, r]) => [name, this.#row(r, other && (others.get(name) ?? null))]));
    list.replaceChildren(...[...this.rows.values()].map((row) => row.node));
    for (const name of hidden) if (this.rows.has(name)) this.#set(name, false);
    find("#regions-count").textContent = result.regions_detected;
    find("#regions-tools").hidden = false;
    find("#regions-note").textContent = other
      ? "Side, area in px², and how the map changes it."
      : "The subject's side, and the area in px².";
  }

  /** Offers to draw those alone that are switched on or, where that was done, all again. */
  offer({ isPart }) {
    const button = find("#regions-only");
    button.textContent = isPart ? "Draw all again" : "Draw only these";
    button.onclick = () => this.only(isPart ? [] : this.shown);
  }

  get shown() {
    return [...this.rows].filter(([, row]) => row.box.checked).map(([name]) => name);
  }

  region(name) {
    return this.regions?.get(name);
  }

  light(name) {
    for (const [each, row] of this.rows) row.node.classList.toggle("lit", each === name);
  }

  #row(region, other) {
    const id = `region-${region.id}`;
    const box = element("input", { type: "checkbox", id, checked: true });
    box.onchange = () => this.toggled(region.name, box.checked);
    box.onfocus = () => this.lit(region.name);
    box.onblur = () => this.lit("");
    const swatch = element("span", { className: "swatch" });
    swatch.style.background = region.color;
    const side = element("abbr", { title: sides(region).join(", ") }, SIDES[region.side]);
    const size = element("span", { className: "area" }, pixels(region.area));
    if (other !== undefined) size.append(element("small", {}, ` ${difference(region, other)}`));
    const label = element("label", { htmlFor: id }, swatch, element("span", { className: "name" }, region.title), side, size);
    const node = element("li", {}, box, label);
    node.dataset.name = region.name;
    node.onpointerenter = () => this.lit(region.name);
    return { node, box };
  }

  #set(name, isShown) {
    this.rows.get(name).box.checked = isShown;
    this.toggled(name, isShown);
  }

  #switch(isShown) {
    for (const name of this.rows.keys()) this.#set(name, isShown);
  }
}
