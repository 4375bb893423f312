// Calls to the suite: every answer is JSON, every failure a Fault.
import { Fault } from "./fault.js";
import * as key from "./key.js";

const CROP = "/api/v1/frontal/crop";

/** Returns the answer of a call; throws a Fault for any status but success. */
export async function call(path, { accept = "application/json", ...init } = {}) {
  const headers = { accept, ...key.headers() };
  let answer;
  try {
    answer = await fetch(path, { ...init, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Fault({ message: "The server does not answer. Is it running?", reason: "NO_ANSWER" });
  }
  if (!answer.ok) throw await Fault.of(answer);
  return answer;
}

export const presets = async () => (await (await call("/api/v1/regions")).json()).presets;

/** Returns the drawing options as the API describes them: JSON schemas by name, files left out. */
export async function optionSchemas() {
  const described = await (await call("/openapi.json")).json();
  const { content } = described.paths[`${CROP}/submit`].post.requestBody;
  const { properties } = content["multipart/form-data"].schema;
  return Object.fromEntries(Object.entries(properties).filter(([, s]) => !s.contentMediaType));
}

export const health = async () => (await call("/health")).json();

export const submit = async (form, signal) =>
  (await call(`${CROP}/submit`, { method: "POST", body: form, signal })).json();

export const status = async (id, signal) => (await call(`${CROP}/status/${id}`, { signal })).json();

export const watch = (id, signal) =>
  call(`${CROP}/watch/${id}`, { accept: "text/event-stream", signal });

export const cancel = (id) => call(`${CROP}/cancel/${id}`, { method: "POST" });

/** Returns the SVG of a finished task, from the task itself or, where it is large, on its own. */
export async function svg(task) {
  if (!task.result.svg) return (await call(task.svg_url, { accept: "image/svg+xml" })).text();
  const bytes = Uint8Array.from(atob(task.result.svg), (c) => c.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}
