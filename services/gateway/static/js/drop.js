// Files dropped anywhere on the page.
import { find } from "./dom.js";

const veil = find("#drop");
const hasFiles = (event) => [...event.dataTransfer.types].includes("Files");

/** `dropped` gets the files. */
export function accept(dropped) {
  addEventListener("dragenter", (event) => (veil.hidden = !hasFiles(event)));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("dragleave", (event) => (veil.hidden = event.relatedTarget === null || veil.hidden));
  addEventListener("drop", (event) => {
    event.preventDefault();
    veil.hidden = true;
    if (event.dataTransfer.files.length) dropped([...event.dataTransfer.files]);
  });
}
