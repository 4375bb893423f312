"""Irises: the part of a circle that the lids leave open."""

import numpy as np

from services.processor.masks.atlas.layout import Layout
from services.processor.masks.drawing import Points

_STEPS = 24
"""Points of a whole circle."""


def add(whole: Layout, side: str, points: tuple[int, int, int, int, int]) -> Layout:
    """Return `whole` with the iris of one side, taken out of the eye.

    `points` are the centre and four points of the circle. The eye's ring gains the two or four
    points where the circle meets the lids, so that eye and iris share what bounds both. Where the
    centre lies outside of the eye, which is closed then, there is no iris.
    """
    eye = whole.rings[f"{side}_eye"]
    centre = whole.points[points[0]]
    radius = float(np.linalg.norm(whole.points[list(points[1:])] - centre, axis=1).mean())
    ring, extra = _crossed(whole.points, eye, centre, radius)
    table = np.concatenate([whole.points, extra])
    circle = _circle(centre, radius)
    open_part = circle[[_contains(table[list(eye)], point) for point in circle]]
    near = np.linalg.norm(table[list(ring)] - centre, axis=1) <= radius * (1 + 1e-9)
    inside = [number for number, is_near in zip(ring, near, strict=True) if is_near]
    if not _contains(table[list(eye)], centre) or len(inside) + len(open_part) < 3:  # noqa: PLR2004
        return whole
    numbers = [*inside, *range(len(table), len(table) + len(open_part))]
    table = np.concatenate([table, open_part])
    away = table[numbers] - centre
    turn = np.arctan2(away[:, 1], away[:, 0])
    iris = tuple(numbers[k] for k in np.argsort(turn, kind="stable"))
    rings = dict(whole.rings) | {f"{side}_eye": ring, f"{side}_iris": iris}
    order = sorted(
        rings, key=lambda name: (name.endswith(("nose", "lip", "mouth")), name.endswith("iris"))
    )
    return Layout(
        table,
        {name: rings[name] for name in order},
        dict(whole.cuts) | {f"{side}_eye": (f"{side}_iris",)},
        follows_features=whole.follows_features,
    )


def _circle(centre: Points, radius: float) -> Points:
    turn = np.linspace(0, 2 * np.pi, _STEPS, endpoint=False)
    return centre + radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)


def _crossed(
    points: Points, ring: tuple[int, ...], centre: Points, radius: float
) -> tuple[tuple[int, ...], Points]:
    """Return `ring` with the points where it meets the circle, and those points."""
    numbers: list[int] = []
    found: list[Points] = []
    for a, b in zip(ring, (*ring[1:], ring[0]), strict=True):
        numbers.append(a)
        start, step = points[a] - centre, points[b] - points[a]
        # |start + t step| = radius
        square, half = float(step @ step), float(start @ step)
        root = half * half - square * (float(start @ start) - radius * radius)
        if square <= 0 or root <= 0:
            continue
        for t in ((-half - root**0.5) / square, (-half + root**0.5) / square):
            if 0 < t < 1:
                numbers.append(len(points) + len(found))
                found.append(points[a] + t * step)
    return tuple(numbers), np.array(found).reshape(-1, 2)


def _contains(ring: Points, point: Points) -> bool:
    """Say whether `point` lies in `ring`, by the crossings of a ray to the right."""
    x, y = (ring - point).T
    x2, y2 = np.roll(x, -1), np.roll(y, -1)
    spans = (y > 0) != (y2 > 0)
    right = (x * y2 - x2 * y) / np.where(spans, y2 - y, 1) > 0
    return bool((spans & right).sum() % 2)
