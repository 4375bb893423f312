"""Path data of many regions, written at once."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.tracing import Chain, path
from services.processor.masks.tracing.geometry import mapped

_LARGE_PX = 480
"""The shorter side of a drawing from which a tenth of a pixel is nothing to be seen on a curve."""
_MOVE = re.compile(r"m(-?\d*\.?\d+) ?(-?\d*\.?\d+)")


def decimals(width: int, height: int, *, is_smooth: bool) -> int:
    """Return how many decimals the coordinates of a drawing of this size in pixels need.

    Straight outlines keep two, to stay true to the pixels of a map.
    """
    return 1 if is_smooth and min(width, height) >= _LARGE_PX else 2


def write(
    groups: Sequence[Sequence[Chain]], matrix: NDArray[np.float64], *, places: int
) -> list[str]:
    """Return the path data of each group of closed chains, seen through `matrix`.

    Writing all at once costs a fraction of writing each. A group's first ring moves the pen
    relative to the ring before it, in another group: that move becomes an absolute one.
    Coordinates have `places` decimals at most.
    """
    chains = [chain for group in groups for chain in group]
    if not chains:
        return ["" for _ in groups]
    rings = path.write(chains, matrix=matrix, decimals=places).split("z")[:-1]
    starts = mapped(np.array([chain.knots[0] for chain in chains]), matrix)
    written = []
    done = 0
    for group in groups:
        own = rings[done : done + len(group)]
        if own:
            move = _MOVE.match(own[0])
            assert move is not None
            own[0] = _absolute(starts[done], places) + own[0][move.end() :]
        written.append("".join(f"{ring}z" for ring in own))
        done += len(group)
    return written


def _absolute(start: NDArray[np.float64], places: int) -> str:
    x, y = (np.rint(start * 10**places) / 10**places).tolist()
    return f"M{number(x)} {number(y)}".replace(" -", "-")


def number(value: float) -> str:
    """Return `value` with two decimals at most, no exponent and no negative zero.

    >>> number(-0.001), number(12.5), number(3)
    ('0', '12.5', '3')
    """
    text = f"{np.rint(value * 100) / 100:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
