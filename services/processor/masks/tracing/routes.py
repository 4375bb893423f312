"""Routes: the cheapest way along a line, leaping from point to point."""

import numpy as np
from numpy.typing import NDArray


def cheapest(
    leaps: tuple[NDArray[np.int64], NDArray[np.int64]],
    cost: NDArray[np.floating],
    first: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the points of every arc's cheapest route, and where each route begins among them.

    Args:
        leaps: (m,) points that each leap starts from, in rising order, and (m,) the later points
            that it reaches. Every point must be reachable from the one before.
        cost: (m,) price of each leap.
        first: (a + 1,) where each arc's points begin, and the total.
    """
    total = int(first[-1])
    best = [float("inf")] * total
    back = [0] * total
    for begin in first[:-1].tolist():
        best[begin] = 0.0
    # Views hand out one number at a time: lists of all of them would be megabytes to allocate.
    steps = zip(leaps[0].data, leaps[1].data, cost.data, strict=True)
    for here, there, price in steps:
        reached = best[here] + price
        if reached < best[there]:
            best[there] = reached
            back[there] = here

    points: list[int] = []
    lengths = [0]
    bounds = first.tolist()
    for arc in range(len(first) - 2, -1, -1):  # backwards, as routes are found from their ends
        point, begin = bounds[arc + 1] - 1, bounds[arc]
        while point > begin:
            points.append(point)
            point = back[point]
        points.append(begin)
        lengths.append(len(points))
    return (
        np.array(points[::-1], np.int64),
        len(points) - np.array(lengths[::-1], np.int64),
    )
