// What lies over one another: the photo, and the groups of a drawing.
import { element, find } from "./dom.js";

const LAYERS = [["photo", "Photo"], ["regions", "Regions"], ["outlines", "Outlines"], ["landmarks", "Landmarks"], ["labels", "Numbers"]];
const stage = find("#stage");
const opacity = find("#opacity");
const off = new Set();

opacity.oninput = () => stage.style.setProperty("--opacity", opacity.value);

/** Offers a switch for each layer that the drawings have; what was off stays off. */
export function offer(sheets, regionOpacity) {
  const has = (name) => name === "photo" || sheets.some((sheet) => sheet.querySelector(`.${name}`));
  const switches = LAYERS.filter(([name]) => has(name)).map(([name, title]) => {
    const box = element("input", { type: "checkbox", checked: !off.has(name) });
    box.dataset.layer = name;
    box.onchange = () => {
      if (box.checked) off.delete(name);
      else off.add(name);
      stage.classList.toggle(`no-${name}`, !box.checked);
    };
    return element("label", { className: "check" }, box, ` ${title}`);
  });
  find("#layers").replaceChildren(element("legend", {}, "Layers"), ...switches);
  opacity.disabled = false;
  opacity.value = regionOpacity;
  opacity.oninput();
}
