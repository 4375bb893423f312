"""Which landmarks a region is made of, asked of the atlas itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from services.processor.masks.atlas.presets import SETS
from services.processor.masks.landmarks.face import Face
from services.processor.masks.landmarks.schemes import SCHEMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.processor.masks.atlas.layout import Layout
    from services.processor.masks.drawing import Points

IRISES = (468, 469), (473, 474)
"""The first landmark of each iris is its centre, four on its circle follow."""
NUDGE = 1e-4


def landmarks(preset: str, scheme: str) -> Mapping[str, tuple[int, ...]]:
    """Return per region the landmarks of its outline, in the outline's order.

    Where the atlas makes corners of its own, as for irises and for brows that are lines, these are
    the landmarks that move them. Empty where the preset does not take the scheme.

    >>> landmarks("ibug68", "ibug68")["nose"]
    (42, 35, 34, 33, 32, 31, 39, 27)
    """
    if scheme not in SETS[preset].schemes:
        return {}
    points = probe(scheme)
    before = _corners(_layout(preset, scheme, points))
    numbers = {tuple(point): number for number, point in enumerate(points)}
    made = {name for name, ring in before.items() if not {*map(tuple, ring)} <= numbers.keys()}
    moved = _moved(preset, scheme, points, made) if made else {}
    return {
        name: tuple(
            dict.fromkeys(
                number
                for corner, point in enumerate(ring)
                for number in (
                    [numbers[tuple(point)]] if tuple(point) in numbers else moved[name, corner]
                )
            )
        )
        for name, ring in before.items()
    }


def layers(preset: str) -> Mapping[str, int]:
    """Return per region how many regions it is taken out of: an iris of an eye of a face is 2.

    >>> layers("features")["left_iris"]
    2
    """
    scheme = SETS[preset].schemes[0]
    cuts = _layout(preset, scheme, probe(scheme)).cuts
    depths = dict.fromkeys(SETS[preset].regions, 0)
    for name in depths:
        for inner in cuts.get(name, ()):
            depths[inner] = depths[name] + 1
    return depths


def probe(scheme: str) -> Points:
    """Return a face for asking with: no two landmarks alike, and irises that no lid hides."""
    points = np.random.default_rng(0).uniform(100, 900, (SCHEMES[scheme].count, 2))
    if scheme != "mediapipe478":
        return points
    for side, (centre, circle) in zip(("right", "left"), IRISES, strict=True):
        eye = list(SETS["zones27"].layout(_face(scheme, points)).rings[f"{side}_eye"])
        turn = np.linspace(0, 2 * np.pi, len(eye), endpoint=False)
        points[eye] = points[centre] + 50 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
        points[circle : circle + 4] = points[centre] + [(3, 4), (4, -3), (-3, -4), (-4, 3)]
    return points


def _face(scheme: str, points: Points) -> Face:
    return Face(points, SCHEMES[scheme], "pixels")


def _layout(preset: str, scheme: str, points: Points) -> Layout:
    return SETS[preset].layout(_face(scheme, points))


def _corners(layout: Layout) -> Mapping[str, Points]:
    return {name: layout.points[list(ring)] for name, ring in layout.rings.items()}


def _moved(
    preset: str, scheme: str, points: Points, made: set[str]
) -> Mapping[tuple[str, int], list[int]]:
    """Return per corner of the regions `made` the landmarks that move it."""
    before = _corners(_layout(preset, scheme, points))
    found: dict[tuple[str, int], list[int]] = {}

    def nudge(numbers: Sequence[int]) -> None:
        nudged = points.copy()
        nudged[numbers] += NUDGE, 2 * NUDGE
        after = _corners(_layout(preset, scheme, nudged))
        moved = [
            (name, int(corner))
            for name in made
            for corner in np.flatnonzero((after[name] != before[name]).any(axis=1))
        ]
        if len(numbers) == 1:
            for corner in moved:
                found.setdefault(corner, []).append(numbers[0])
        elif moved:  # most landmarks move nothing: they are asked in halves
            nudge(numbers[: len(numbers) // 2])
            nudge(numbers[len(numbers) // 2 :])

    nudge(range(len(points)))
    return found
