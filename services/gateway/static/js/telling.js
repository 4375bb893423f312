// How a region is told of, in a card, a list or a sentence.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const parts = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });
const change = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0, signDisplay: "exceptZero" });

export const pixels = (count) => whole.format(count);

/** Whose side: MediaPipe's left, and that of every doctor, is the subject's. */
export const sides = ({ side, viewer_side: viewer }) =>
  side === "center" ? ["In the middle"] : [`Subject's ${side}`, `Viewer's ${viewer}`];

export const total = ({ regions }) => regions.reduce((sum, region) => sum + region.area, 0);

/** Returns a region's area, and its share of all that is drawn. */
export const area = (region, result) =>
  `${pixels(region.area)} px², ${parts.format(region.area / total(result))}`;

/** Returns by how much an area differs from another; "new" where there is no other. */
export function difference(region, other) {
  if (!other) return "new";
  const times = region.area / other.area;
  return times < 10 ? change.format(times - 1) : `×${whole.format(times)}`;
}
