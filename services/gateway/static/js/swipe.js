// Two drawings under one divider: the first on its left, the second on its right.
import { element, find } from "./dom.js";

const stage = find("#stage");

/** Puts a divider between two sheets of the stage; it is a slider, for every kind of hand. */
export function divide(titles) {
  const slider = element("input", { type: "range", min: 0, max: 100, step: 0.5, value: 50, className: "divider" });
  slider.setAttribute("aria-label", `Divider between ${titles.join(" and ").toLowerCase()}`);
  const place = () => stage.style.setProperty("--divider", `${slider.value}%`);
  slider.oninput = place;
  const marks = titles.map((title, k) => element("span", { className: `side side-${k}` }, title));
  stage.append(element("div", { className: "handle", ariaHidden: "true" }), ...marks, slider);
  stage.classList.add("divided");
  stage.onpointermove = (event) => {
    if (event.buttons !== 1) return;
    const box = stage.getBoundingClientRect();
    slider.value = ((event.clientX - box.left) / box.width) * 100;
    place();
  };
  place();
}

export function unite() {
  stage.classList.remove("divided");
  stage.onpointermove = null;
}
