// The API key: kept for this tab, asked for when the server wants one.

const NAME = "facesvg-key";
const panel = document.querySelector("#key");
const field = document.querySelector("#key-value");

export const headers = () => {
  const key = sessionStorage.getItem(NAME);
  return key ? { "x-api-key": key } : {};
};

export const isSet = () => Boolean(sessionStorage.getItem(NAME));

/** Shows the field, and calls `again` once there is a key to try. */
export function ask(again) {
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
