// The photo with drawings over it.
import { element, find } from "./dom.js";
import { copy, svgElement } from "./safe.js";
import { area, sides } from "./telling.js";

const stage = find("#stage");
const tip = find("#tip");
const zoom = find("#zoom");
const MARGIN = 0.14;

export class Stage {
  sheets = [];

  /** `lit` hears which region, by name, the pointer is on; "" when it is on none. */
  constructor(lit) {
    const from = (event) => event.target.closest?.("[data-region]")?.dataset.region ?? "";
    stage.addEventListener("pointerover", (event) => lit(from(event)));
    // A finger leaves when it is lifted; what it pointed at is still to be read.
    stage.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && lit(""));
    zoom.onchange = () => this.#frame();
  }

  /** Shows drawings over the photo, the first at the bottom; returns them as elements. */
  show(photo, results, { ignoresExif }) {
    this.result = results[0].task.result;
    this.sheets = results.map(({ svg, task }) => {
      const sheet = copy(svg);
      sheet.classList.add("sheet");
      sheet.setAttribute("role", "img");
      sheet.setAttribute("aria-label", `${task.result.regions_detected} regions of a face over its photo`);
      return sheet;
    });
    this.photo = svgElement("svg", { class: "photo", "aria-hidden": "true" });
    this.photo.append(this.#image(photo, ignoresExif));
    stage.replaceChildren(this.photo, ...this.sheets);
    stage.hidden = false;
    zoom.disabled = false;
    tip.hidden = true;
    find("#empty").hidden = true;
    this.#frame();
    return this.sheets;
  }

  /** Lights one region on every sheet, and tells of it; without one all lights go out. */
  light(region) {
    for (const sheet of this.sheets) {
      sheet.classList.toggle("dims", Boolean(region));
      for (const path of sheet.querySelectorAll("[data-region]")) {
        path.classList.toggle("lit", path.dataset.region === region?.name);
      }
    }
    tip.hidden = !region;
    if (region) this.#tell(region);
  }

  toggle(name, isShown) {
    for (const sheet of this.sheets) {
      for (const path of sheet.querySelectorAll("[data-region]")) {
        if (path.dataset.region === name) path.classList.toggle("gone", !isShown);
      }
    }
  }

  /** Puts the card beside the face, at the region's height; where it is narrow, far from it. */
  #tell(region) {
    tip.replaceChildren(
      element("strong", {}, region.title),
      ...[...sides(region), area(region, this.result)].map((line) => element("span", {}, line)),
    );
    tip.classList.toggle("on-left", region.viewer_side === "left");
    const down = (region.centroid.y - this.view.y) / this.view.height;
    tip.classList.toggle("is-high", down < 0.5);
    tip.style.setProperty("--y", `${stage.offsetTop + down * stage.offsetHeight}px`);
  }

  #image(photo, ignoresExif) {
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = URL.createObjectURL(photo);
    const { image_width: width, image_height: height, transform: [a, c, e, b, d, f] } = this.result;
    const matrix = `matrix(${[a, b, c, d, e, f].join(" ")})`;
    const image = svgElement("image", { href: this.url, width, height, preserveAspectRatio: "none", transform: matrix });
    image.classList.toggle("as-stored", ignoresExif);
    return image;
  }

  /** Shows all of the drawing, or the part with regions in it. */
  #frame() {
    const { width, height, regions } = this.result;
    this.view = zoom.checked && regions.length ? around(regions, this.result) : { x: 0, y: 0, width, height };
    const { view } = this;
    for (const sheet of [this.photo, ...this.sheets]) {
      sheet.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
    }
    stage.style.setProperty("--ratio", view.width / view.height);
  }
}

/** Returns the box around all regions with a margin, within the drawing. */
function around(regions, { width, height }) {
  const boxes = regions.map(({ bbox }) => bbox);
  const low = [Math.min(...boxes.map((b) => b.x)), Math.min(...boxes.map((b) => b.y))];
  const high = [Math.max(...boxes.map((b) => b.x + b.width)), Math.max(...boxes.map((b) => b.y + b.height))];
  const margin = MARGIN * Math.max(high[0] - low[0], high[1] - low[1]);
  const [x, y] = low.map((value) => Math.max(0, value - margin));
  return { x, y, width: Math.min(width, high[0] + margin) - x, height: Math.min(height, high[1] + margin) - y };
}
