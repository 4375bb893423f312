"""SVG path data of chains, in relative commands.

Points are rounded first, as absolute points, and subtracted then: what neighbours share is written
from the same rounded points on both sides.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.tracing.geometry import Affine, Chain, mapped

LINE, LEVEL, UPRIGHT, CURVE, MOVE, MOVE_ON = range(6)
_SPELLING = np.array(
    [  # the first of its kind, and one that follows its like: l and c need not be said again
        ["l%s %s", " %s %s"],
        ["h%s", "h%s"],
        ["v%s", "v%s"],
        ["c%s %s %s %s %s %s", " %s %s %s %s %s %s"],
        ["m%s %s", "m%s %s"],
        ["zm%s %s", "zm%s %s"],
    ],
    dtype=object,
)
_NUMBERS = np.array(  # which of a curve's six numbers each kind writes
    [
        [0, 0, 0, 0, 1, 1],
        [0, 0, 0, 0, 1, 0],
        [0, 0, 0, 0, 0, 1],
        [1, 1, 1, 1, 1, 1],
        [0, 0, 0, 0, 1, 1],
        [0, 0, 0, 0, 1, 1],
    ],
    dtype=bool,
)


def write(chains: Sequence[Chain], *, matrix: Affine | None, decimals: int) -> str:
    """Return the path data of `chains`, seen through `matrix`, rounded to `decimals`.

    Pieces that rounding shrinks to nothing are left out; so is the last piece of a closed chain
    where it is straight, for `z` draws it.
    """
    if not chains:
        return ""
    knots = np.concatenate([chain.knots for chain in chains])
    handles = np.concatenate([_per_knot(chain, chain.handles) for chain in chains])
    curved = np.concatenate([_per_knot(chain, chain.curved) for chain in chains])
    size = np.array([len(chain.knots) for chain in chains])
    first = np.concatenate([[0], np.cumsum(size)])
    closed = chains[0].closed
    if matrix is not None:
        knots, handles = mapped(knots, matrix), mapped(handles, matrix)
    knots, handles = _rounded(knots, decimals), _rounded(handles, decimals)

    after = np.arange(1, len(knots) + 1)
    after[first[1:] - 1] = first[:-1]
    ends = knots[after]
    moves = np.concatenate([handles[:, 0], handles[:, 1], ends], axis=1) - np.tile(knots, 3)
    dx, dy = moves[:, 4], moves[:, 5]
    kind = np.where(curved, CURVE, np.where(dy == 0, LEVEL, np.where(dx == 0, UPRIGHT, LINE)))
    keep = curved | (dx != 0) | (dy != 0)
    final = first[1:] - 1
    keep[final] &= curved[final]

    # One row for each move of the pen: to the ring, along its pieces.
    at = np.flatnonzero(keep)
    row = at + np.searchsorted(first, at, "right")
    rows = np.zeros((len(knots) + len(chains), 6), np.int64)
    kinds = np.full(len(rows), -1)
    rows[row], kinds[row] = moves[at], kind[at]
    pens = first[:-1] + np.arange(len(chains))
    # After "z" the pen is back where the ring began; an open chain leaves it at the end.
    starts = knots[first[:-1]]
    left_at = starts if closed else knots[final]
    rows[pens, 4:] = starts - np.concatenate([[[0, 0]], left_at[:-1]])
    kinds[pens] = MOVE_ON if closed else MOVE
    kinds[0] = MOVE

    written = kinds >= 0
    rows, kinds = rows[written], kinds[written]
    again = np.concatenate([[False], kinds[1:] == kinds[:-1]])
    spelling = "".join(_SPELLING[kinds, again.astype(np.int64)].tolist())
    numbers = _spelled(rows[_NUMBERS[kinds]], decimals)
    data = (spelling % numbers).replace(" -", "-")
    return data + "z" if closed else data


def _per_knot(chain: Chain, values: NDArray[Any]) -> NDArray[Any]:
    """Return per-piece `values` with one more for the last knot of an open chain."""
    return values if chain.closed else np.concatenate([values, np.zeros_like(values[:1])])


def _rounded(points: NDArray[np.float64], decimals: int) -> NDArray[np.int64]:
    """Return `points` in units of the last decimal."""
    rounded: NDArray[np.int64] = np.rint(points * 10**decimals).astype(np.int64)
    return rounded


def _spelled(numbers: NDArray[np.int64], decimals: int) -> tuple[object, ...]:
    """Return what to write for each number, given in units of the last decimal."""
    values = numbers.tolist()
    if not decimals:
        return tuple(values)
    spelled = {value: _decimal(value, decimals) for value in set(values)}
    return tuple([spelled[value] for value in values])


def _decimal(value: int, decimals: int) -> str:
    """Return `value` units of the last decimal as short as SVG allows: "-.5", "12"."""
    whole, part = divmod(abs(value), 10**decimals)
    fraction = f"{part:0{decimals}}".rstrip("0")
    text = f"{whole or ''}.{fraction}" if fraction else f"{whole}"
    return f"-{text}" if value < 0 else text
