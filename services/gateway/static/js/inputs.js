// The three files that a drawing is made of.
import { element, find } from "./dom.js";

const PARTS = [
  { name: "image", title: "Photo", note: "PNG, JPEG or WebP", accept: "image/png,image/jpeg,image/webp" },
  { name: "landmarks", title: "Landmarks", note: "MediaPipe, iBUG or WFLW; JSON, .pts, CSV", accept: ".json,.ljson,.pts,.csv,.txt" },
  { name: "segmentation_map", title: "Segmentation map", note: "Optional: PNG of labels, or JSON", accept: "image/png,image/jpeg,.json" },
];

class Part {
  constructor({ name, title, note, accept }, changed) {
    const id = `file-${name}`;
    Object.assign(this, { name, title, note, file: null });
    this.input = element("input", { type: "file", id, accept, className: "hidden-file" });
    this.label = element("span", { className: "file-name", id: `${id}-name` }, note);
    this.fault = element("p", { className: "fault", id: `${id}-fault`, hidden: true });
    this.input.setAttribute("aria-describedby", `${this.label.id} ${this.fault.id}`);
    this.input.onchange = () => {
      if (this.input.files.length) this.take(this.input.files[0]);
      changed();
    };
    this.clear = element("button", { type: "button", className: "ask", hidden: true }, "×");
    this.clear.setAttribute("aria-label", `Remove ${title.toLowerCase()}`);
    this.clear.onclick = () => {
      this.take(null);
      this.input.focus();
      changed();
    };
    const pick = element("label", { htmlFor: id, className: "pick" }, element("strong", {}, title), this.label);
    this.node = element("div", { className: "file" }, this.input, pick, this.clear, this.fault);
  }

  take(file) {
    this.file = file;
    if (!file) this.input.value = "";
    this.label.textContent = file ? file.name : this.note;
    this.node.classList.toggle("given", Boolean(file));
    this.clear.hidden = !file;
    this.complain();
  }

  complain(message = "") {
    this.fault.textContent = message;
    this.fault.hidden = !message;
    if (message) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
  }
}

/** The files; `changed` hears of every change that a person makes. */
export class Inputs {
  constructor(changed) {
    this.parts = new Map(PARTS.map((facts) => [facts.name, new Part(facts, changed)]));
    find("#inputs").replaceChildren(...[...this.parts.values()].map((part) => part.node));
  }

  file(name) {
    return this.parts.get(name).file;
  }

  /** Takes files by part; a part that is not named becomes empty. */
  replace(files) {
    for (const [name, part] of this.parts) part.take(files[name] ?? null);
  }

  /** Takes files that came together, each for what it looks like. */
  sort(files) {
    for (const file of files) this.parts.get(this.#partOf(file, files)).take(file);
  }

  /** Puts a fault beside its file; returns where, if there is such a file. */
  complain(name, message) {
    const part = this.parts.get(name);
    part?.complain(message);
    return part;
  }

  calm() {
    for (const part of this.parts.values()) part.complain();
  }

  #partOf(file, files) {
    const isMap = /map|mask|seg|label/i.test(file.name);
    if (!/\.(png|jpe?g|webp)$/i.test(file.name)) return isMap && /\.json$/i.test(file.name) ? "segmentation_map" : "landmarks";
    const isSecond = [...files].filter((f) => /\.(png|jpe?g|webp)$/i.test(f.name)).length > 1;
    const isAlone = !isSecond && !this.file("image");
    return isMap && !isAlone ? "segmentation_map" : "image";
  }
}
