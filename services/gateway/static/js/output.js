// What can be taken along: the SVG, the record, the command.
import { find } from "./dom.js";

function save(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** Offers a finished drawing; `said` tells what was done. */
export function offer({ svg, task }, name, command, said) {
  find("#output").hidden = false;
  find("#curl").textContent = command;
  find("#save-svg").onclick = () => save(`${name}.svg`, "image/svg+xml", svg);
  find("#save-json").onclick = () => save(`${name}.json`, "application/json", JSON.stringify(task, null, 1));
  find("#copy-curl").onclick = async () => {
    try {
      await navigator.clipboard.writeText(command);
      said("The command is on the clipboard.");
    } catch {
      // Without TLS, or leave, there is no clipboard: mark it for Ctrl+C.
      getSelection().selectAllChildren(find("#curl"));
      said("The command is marked: press Ctrl+C.");
    }
  };
}
