// One drawing option: its control, made of what the API says of it, and the place for its error.
import { element, words } from "./dom.js";

const WIDEST_SLIDER = 20;

export class Field {
  constructor(name, schema) {
    this.name = name;
    this.schema = schema;
    this.id = `option-${name}`;
    this.fault = element("p", { className: "fault", id: `${this.id}-fault`, hidden: true });
    this.help = element("p", { className: "help", id: `${this.id}-help`, hidden: true });
    this.help.textContent = schema.description.replaceAll("`", "");
    this.input = this.#control();
    this.input.setAttribute("aria-describedby", `${this.help.id} ${this.fault.id}`);
    this.node = element("div", { className: `field ${this.kind}` }, ...this.#parts());
  }

  get kind() {
    const { type, enum: choices, maximum } = this.schema;
    if (choices) return "choice";
    if (type === "boolean") return "switch";
    if (type === "string" || type === "array") return "text"; // lists as comma lists
    return maximum <= WIDEST_SLIDER ? "range" : "number";
  }

  get fallback() {
    return String(this.schema.default ?? "");
  }

  get value() {
    return this.kind === "switch" ? String(this.input.checked) : this.input.value.trim();
  }

  set value(value) {
    if (this.kind === "switch") this.input.checked = value === "true";
    else this.input.value = value;
    this.#show();
  }

  get isDefault() {
    const { value, fallback } = this;
    const isNumber = ["range", "number"].includes(this.kind) && value !== "";
    return value === "" || (isNumber ? Number(value) === Number(fallback) : value === fallback);
  }

  /** Says beside the control what is wrong with it; nothing where nothing is. */
  complain(message = "") {
    this.fault.textContent = message;
    this.fault.hidden = !message;
    this.input.toggleAttribute("aria-invalid", false);
    if (message) this.input.setAttribute("aria-invalid", "true");
  }

  #control() {
    const { kind, id, name, schema } = this;
    const facts = { id, name };
    if (kind === "choice") {
      const choices = schema.enum.map((choice) => element("option", { value: choice }, choice));
      return element("select", facts, ...choices);
    }
    if (kind === "switch") return element("input", { ...facts, type: "checkbox" });
    if (kind === "text") return element("input", { ...facts, type: "text", spellcheck: false, autocomplete: "off" });
    const { minimum: min, maximum: max } = schema;
    const step = schema.type === "integer" ? 1 : (max - min) / 40;
    return element("input", { ...facts, type: kind, min, max, step });
  }

  #parts() {
    const ask = element("button", { type: "button", className: "ask", title: "What it does" }, "?");
    ask.setAttribute("aria-label", `What ${words(this.name).toLowerCase()} does`);
    ask.setAttribute("aria-expanded", "false");
    ask.setAttribute("aria-controls", this.help.id);
    ask.onclick = () => {
      this.help.hidden = !this.help.hidden;
      ask.setAttribute("aria-expanded", String(!this.help.hidden));
    };
    this.shown = element("output", { htmlFor: this.id });
    this.input.addEventListener("input", () => this.#show());
    this.value = this.fallback;
    const label = element("label", { htmlFor: this.id, title: this.name }, words(this.name));
    const head = element("div", { className: "field-head" }, label, this.shown, ask);
    if (this.kind === "switch") head.prepend(this.input);
    return this.kind === "switch"
      ? [head, this.help, this.fault]
      : [head, this.input, this.help, this.fault];
  }

  #show() {
    if (this.kind === "range" && this.shown) this.shown.textContent = this.input.value;
  }
}
