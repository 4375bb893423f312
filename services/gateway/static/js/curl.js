// The same drawing as a command line.
import * as key from "./key.js";
import { url } from "./samples.js";

/** Returns what a shell takes for exactly this text. */
export const quoted = (text) =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

const PLAIN = /^[\w.][\w., =#-]*$/;

/** Returns an argument that sends a file: curl has marks of its own in names. */
function file(part, name) {
  const path = /^[\w.-]+$/.test(name) ? name : `"${name.replaceAll(/["\\]/g, "\\$&")}"`;
  return `-F ${quoted(`${part}=@${path}`)}`;
}

const option = ([name, value]) =>
  `${PLAIN.test(value) ? "-F" : "--form-string"} ${quoted(`${name}=${value}`)}`;

/** Returns the command for files by part and options; a sample's files are fetched first. */
export function command({ origin, files, options, sample }) {
  const parts = Object.entries(files).filter(([, given]) => given);
  const first = sample ? [`curl -sSf ${parts.map(([part]) => `-O ${origin}${url(sample, part)}`).join(" \\\n  ")} &&`] : [];
  const lines = [
    `curl -sSf -o face.svg ${origin}/api/v1/frontal/crop/render`,
    ...(key.isSet() ? ['-H "x-api-key: $FACESVG_KEY"'] : []),
    ...parts.map(([part, given]) => file(part, given.name)),
    ...options.map(option),
  ];
  return [...first, lines.join(" \\\n  ")].join("\n");
}
