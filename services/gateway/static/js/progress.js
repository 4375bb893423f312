// How far the drawing is, and what there is to say about it.
import { find, words } from "./dom.js";

const bar = find("#progress");
const SLOW = 150;
let timer;

/** Shows the bar, unless the drawing is there sooner than the eye would see it. */
export function begin(cancelled) {
  update({ status: "PENDING", progress: 0, step: "" });
  find("#cancel").onclick = cancelled;
  find("#drawing").setAttribute("aria-busy", "true");
  timer = setTimeout(() => (bar.hidden = false), SLOW);
}

export function update({ status, progress, step }) {
  if (status === "PENDING") find("#progress-bar").removeAttribute("value");
  else find("#progress-bar").value = progress ?? 0;
  find("#progress-step").textContent = status === "PENDING" ? "Waiting" : words(step || "Begun");
}

export function end() {
  clearTimeout(timer);
  bar.hidden = true;
  find("#drawing").removeAttribute("aria-busy");
}

export const say = (sentence) => (find("#said").textContent = sentence);

/** Says what came of it: how many regions, how fast, and from where. */
export function sum({ task, ticket, svg, milliseconds }) {
  const { regions_detected: count, warnings = [], processing_time_ms: drawing } = task.result;
  const source = ticket.cache_hit ? "from the cache" : `drawn in ${drawing} ms`;
  say(`${count} ${count === 1 ? "region" : "regions"} · ${source} · ${Math.round(milliseconds)} ms in all · ${(svg.length / 1024).toFixed(1)} kB of SVG`);
  const list = find("#warnings");
  list.hidden = warnings.length === 0;
  list.replaceChildren(...warnings.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
}
