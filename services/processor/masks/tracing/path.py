"""SVG path data of chains, in relative commands.

Points are rounded first, as absolute points, and subtracted then: what neighbours share is written
from the same rounded points on both sides.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.tracing.geometry import Affine, Chain, mapped

LEVEL, UPRIGHT, LINE, CURVE, BEGIN, CLOSE_AND_MOVE, MOVE = range(7)
_SPELLING = np.array(
    [  # the first of its kind, and one that follows its like: l and c need not be said again
        ["h%s", "h%s"],
        ["v%s", "v%s"],
        ["l%s %s", " %s %s"],
        ["c%s %s %s %s %s %s", " %s %s %s %s %s %s"],
        ["\nm%s %s", "\nm%s %s"],
        ["zm%s %s", "zm%s %s"],
        ["m%s %s", "m%s %s"],
    ],
    dtype=object,
)
_NUMBERS = np.array(  # which of a row's numbers each kind writes: x, y, and the handles' before
    [
        [0, 0, 0, 0, 1, 0],
        [0, 0, 0, 0, 0, 1],
        [0, 0, 0, 0, 1, 1],
        [1, 1, 1, 1, 1, 1],
        [0, 0, 0, 0, 1, 1],
        [0, 0, 0, 0, 1, 1],
        [0, 0, 0, 0, 1, 1],
    ],
    dtype=bool,
)


def write(chains: Sequence[Chain], *, matrix: Affine | None, decimals: int) -> str:
    """Return the path data of `chains`, all closed or all open.

    They are seen through `matrix` and rounded to `decimals`. Pieces that rounding shrinks to
    nothing are left out; so is the last piece of a closed chain where it is straight, for `z` draws
    it.
    """
    return write_each([chains], matrix=matrix, decimals=decimals)[0]


def write_each(
    groups: Sequence[Sequence[Chain]], *, matrix: Affine | None, decimals: int
) -> list[str]:
    """Return the path data of each group of chains: at once, for a fraction of the time."""
    chains = [chain for group in groups for chain in group]
    if not chains:
        return [""] * len(groups)
    closed = chains[0].closed
    count = np.array([len(chain.knots) for chain in chains])
    last = np.cumsum(count) - 1
    first = last + 1 - count
    knots = _rounded(np.concatenate([chain.knots for chain in chains]), matrix, decimals)
    is_begin = np.ones(len(knots), bool)  # of a piece
    is_begin[last] = closed
    pieces = np.flatnonzero(is_begin)
    is_curve = np.concatenate([chain.curved for chain in chains])
    curved = pieces[is_curve]

    ends = np.empty_like(knots)
    ends[:-1] = knots[1:]
    ends[last] = knots[first]
    moves = ends - knots
    rests = moves == 0
    kind = np.where(rests[:, 1], LEVEL, LINE - rests[:, 0])
    keep = ~rests.all(axis=1)
    keep[last] = False
    if len(curved):
        handles = np.concatenate([chain.handles for chain in chains])[is_curve]
        handles = _rounded(handles, matrix, decimals) - knots[curved, None]
        moves = np.concatenate([np.zeros((len(knots), 4), np.int64), moves], axis=1)
        moves[curved, :4] = handles.reshape(-1, 4)
        kind[curved] = CURVE
        keep[curved] = True

    # One row for each move of the pen: to a ring, then along its pieces. After "z" the pen is back
    # where the ring began; an open chain leaves it at the end.
    row = np.arange(len(knots)) + np.repeat(np.arange(1, len(chains) + 1), count)
    row, pens = row[keep], first + np.arange(len(chains))
    rows = np.zeros((len(knots) + len(chains), moves.shape[1]), np.int64)
    kinds = np.full(len(rows), -1)
    rows[row], kinds[row] = moves[keep], kind[keep]
    rows[pens, -2:] = np.diff(knots[first], axis=0, prepend=0)
    if not closed:
        rows[pens[1:], -2:] = knots[first[1:]] - knots[last[:-1]]
    kinds[pens] = CLOSE_AND_MOVE if closed else MOVE
    sizes = np.array([len(group) for group in groups])
    opening = (np.cumsum(sizes) - sizes)[sizes > 0]
    kinds[pens[opening]], rows[pens[opening], -2:] = BEGIN, knots[first[opening]]
    written = kinds >= 0
    data = iter(_spelled(rows[written], kinds[written], decimals).split("\n")[1:])
    return [next(data) + "z" * closed if group else "" for group in groups]


def _rounded(
    points: NDArray[np.float64], matrix: Affine | None, decimals: int
) -> NDArray[np.int64]:
    """Return `points` as drawn, in units of the last decimal."""
    drawn = points if matrix is None else mapped(points, matrix)
    rounded: NDArray[np.int64] = np.rint(drawn * 10**decimals).astype(np.int64)
    return rounded


def _spelled(rows: NDArray[np.int64], kinds: NDArray[np.int64], decimals: int) -> str:
    """Return what to write for moves of the given kinds, in units of the last decimal."""
    again = np.zeros(len(kinds), np.int64)
    again[1:] = kinds[1:] == kinds[:-1]
    spelling = "".join(_SPELLING[kinds, again].tolist())
    numbers = rows[_NUMBERS[kinds, -rows.shape[1] :]].tolist()
    if decimals:
        texts = {number: _decimal(number, decimals) for number in set(numbers)}
        numbers = [texts[number] for number in numbers]
    return (spelling % tuple(numbers)).replace(" -", "-")


@lru_cache(maxsize=1 << 14)  # most moves are short, and come again in every drawing
def _decimal(value: int, decimals: int) -> str:
    """Return `value` units of the last decimal as short as SVG allows: "-.5", "12"."""
    whole, part = divmod(abs(value), 10**decimals)
    fraction = f"{part:0{decimals}}".rstrip("0")
    text = f"{whole or ''}.{fraction}" if fraction else f"{whole}"
    return f"-{text}" if value < 0 else text
