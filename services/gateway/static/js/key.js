// The API key: kept for this tab, asked for when the server wants one.
import { find } from "./dom.js";

const NAME = "facesvg-key";
const panel = find("#key");
const field = find("#key-value");

export const headers = () => {
  const key = sessionStorage.getItem(NAME);
  return key ? { "x-api-key": key } : {};
};

export const isSet = () => Boolean(sessionStorage.getItem(NAME));

/** Says what the server said, shows the field, and calls `again` once there is a key to try. */
export function ask(message, again) {
  find("#key-fault").textContent = message;
  panel.hidden = false;
  field.focus();
  panel.onsubmit = (event) => {
    event.preventDefault();
    sessionStorage.setItem(NAME, field.value.trim());
    field.value = "";
    panel.hidden = true;
    again();
  };
}
