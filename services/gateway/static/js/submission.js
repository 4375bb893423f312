// What is sent: the form, and the same as a command.
import { command } from "./curl.js";

export const FILES = ["image", "landmarks", "segmentation_map"];

/** Returns the form with these parts, as far as they are chosen, and the options. */
export function form(inputs, options, parts = FILES) {
  const made = new FormData();
  for (const [name, value] of options.chosen) made.append(name, value);
  for (const part of parts) if (inputs.file(part)) made.append(part, inputs.file(part));
  return made;
}

/** Returns the whole form as a curl command. */
export function asCommand(inputs, options, sample) {
  return command({
    origin: location.origin,
    files: Object.fromEntries(FILES.map((part) => [part, inputs.file(part)])),
    options: options.chosen,
    sample,
  });
}
