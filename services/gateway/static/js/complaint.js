// What went wrong, told where it belongs: beside a field, as a question for a key, or on its own.
import * as banner from "./banner.js";
import { words } from "./dom.js";
import * as key from "./key.js";
import * as progress from "./progress.js";

/** Takes back what was told. */
export function calm({ inputs, options }) {
  banner.clear();
  inputs.calm();
  options.calm();
}

/**
 * Tells of a fault; `again` tries once more. Only who has asked for the drawing is led to what is
 * wrong: the others are typing.
 */
export function tell(fault, { inputs, options, again, isAsked }) {
  if (fault.name === "AbortError" || fault.reason === "CANCELLED") {
    progress.say("Cancelled.");
    return;
  }
  progress.say("");
  const { field, message } = fault;
  const place = inputs.complain(field, message) ?? options.complain(field, message);
  if (fault.status === 401) key.ask(message, again);
  else if (!place) banner.show(fault, again);
  if (!place) return;
  progress.say(`Not drawn: see ${words(field).toLowerCase()}.`);
  if (isAsked) place.input.focus({ preventScroll: true });
  if (place.input === document.activeElement) place.node.scrollIntoView({ block: "nearest" });
}
