// What is wrong and belongs to no field.
import { element, find } from "./dom.js";

const banner = find("#banner");

export const clear = () => (banner.hidden = true);

/** Shows a fault with what support would ask for; `again` tries once more. */
export function show(fault, again) {
  const wait = fault.retrySeconds ? ` Wait ${fault.retrySeconds} s before you try again.` : "";
  const facts = element("dl", {});
  for (const [name, value] of [["Reason", fault.reason], ["Request", fault.requestId]]) {
    if (value) facts.append(element("dt", {}, name), element("dd", {}, value));
  }
  const button = element("button", { type: "button" }, "Try again");
  button.onclick = again;
  banner.replaceChildren(element("p", {}, fault.message + wait), facts, button);
  banner.hidden = false;
}
