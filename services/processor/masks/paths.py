"""Path data of many regions, written at once."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.tracing import Chain, path
from services.processor.masks.tracing.geometry import mapped

DECIMALS = 2
_MOVE = re.compile(r"m(-?\d*\.?\d+) ?(-?\d*\.?\d+)")


def write(groups: Sequence[Sequence[Chain]], matrix: NDArray[np.float64]) -> list[str]:
    """Return the path data of each group of closed chains, seen through `matrix`.

    Writing all at once costs a fraction of writing each. A group's first ring moves the pen
    relative to the ring before it, in another group: that move becomes an absolute one.
    """
    chains = [chain for group in groups for chain in group]
    if not chains:
        return ["" for _ in groups]
    rings = path.write(chains, matrix=matrix, decimals=DECIMALS).split("z")[:-1]
    starts = mapped(np.array([chain.knots[0] for chain in chains]), matrix)
    written = []
    done = 0
    for group in groups:
        own = rings[done : done + len(group)]
        if own:
            move = _MOVE.match(own[0])
            assert move is not None
            own[0] = _absolute(*starts[done].tolist()) + own[0][move.end() :]
        written.append("".join(f"{ring}z" for ring in own))
        done += len(group)
    return written


def _absolute(x: float, y: float) -> str:
    return f"M{number(x)} {number(y)}".replace(" -", "-")


def number(value: float) -> str:
    """Return `value` with two decimals at most, no exponent and no negative zero.

    >>> number(-0.001), number(12.5), number(3)
    ('0', '12.5', '3')
    """
    text = f"{np.rint(value * 100) / 100:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
