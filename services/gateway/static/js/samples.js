// The faces that come with the page: both photos are in the public domain.
import { element, find } from "./dom.js";

const FOLDER = "/static/samples";
const FILES = { image: ["jpg", "image/jpeg"], landmarks: ["landmarks.json", "application/json"], segmentation_map: ["map.png", "image/png"] };

export const SAMPLES = [
  { name: "hopper", title: "Grace Hopper", credit: "U.S. Navy" },
  { name: "collins", title: "Eileen Collins", credit: "NASA" },
];

export const url = (name, part) => `${FOLDER}/${name}.${FILES[part][0]}`;

/** Returns the files of a sample by part. */
export async function load(name) {
  const pairs = Object.entries(FILES).map(async ([part, [end, type]]) => {
    const blob = await (await fetch(url(name, part))).blob();
    return [part, new File([blob], `${name}.${end}`, { type })];
  });
  return Object.fromEntries(await Promise.all(pairs));
}

/** Offers the samples; `chosen` gets the name of the one that was pressed. */
export function offer(chosen) {
  const buttons = SAMPLES.map(({ name, title, credit }) => {
    const picture = element("img", { src: url(name, "image"), alt: "", width: 56, height: 56 });
    const text = element("span", {}, title, element("small", {}, credit));
    const button = element("button", { type: "button", className: "sample" }, picture, text);
    button.dataset.sample = name;
    button.onclick = () => chosen(name);
    return button;
  });
  find("#samples").replaceChildren(...buttons);
}

/** Marks the sample that is in use; none for other names. */
export function mark(name) {
  for (const button of find("#samples").children) {
    button.setAttribute("aria-pressed", String(button.dataset.sample === name));
  }
}
