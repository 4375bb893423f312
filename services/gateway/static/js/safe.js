// A drawing as elements of our own: what is not on these lists does not reach the page.

const SVG = "http://www.w3.org/2000/svg";
const TAGS = new Set(["svg", "g", "path", "circle", "text", "image"]);
const NAMES = new Set([
  "viewBox", "class", "opacity", "fill", "stroke", "stroke-width", "stroke-linejoin", "stroke-dasharray",
  "vector-effect", "paint-order", "font-family", "font-weight", "font-size", "text-anchor",
  "d", "cx", "cy", "r", "x", "y", "dy", "width", "height",
]);
const PHOTO = /^data:image\/jpeg;base64,[A-Za-z0-9+/=]+$/;

/** Returns a copy of an SVG document; ids are left out, so that several can stand in one page. */
export function copy(text) {
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (parsed.namespaceURI !== SVG || parsed.localName !== "svg") throw new Error("The drawing is no SVG.");
  const made = copied(parsed);
  const { width, height } = size(parsed);
  made.setAttribute("viewBox", `0 0 ${width} ${height}`);
  made.removeAttribute("width");
  made.removeAttribute("height");
  return made;
}

/** Returns a new element of SVG with attributes. */
export function svgElement(tag, attributes = {}) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function size(parsed) {
  const [, , width, height] = (parsed.getAttribute("viewBox") ?? "").split(/\s+/).map(Number);
  if (!(width > 0 && height > 0)) throw new Error("The drawing has no size.");
  return { width, height };
}

function copied(from) {
  const made = svgElement(from.localName);
  for (const { name, value } of from.attributes) {
    const isData = /^data-[a-z-]+$/.test(name);
    const isPhoto = from.localName === "image" && name === "href" && PHOTO.test(value);
    if (NAMES.has(name) || isData || isPhoto) made.setAttribute(name, value);
  }
  for (const child of from.childNodes) {
    if (child.nodeType === Node.TEXT_NODE && from.localName === "text") made.append(child.data);
    if (child.namespaceURI === SVG && TAGS.has(child.localName)) made.append(copied(child));
  }
  return made;
}
