"""Islands: parts of a region too small to draw, merged into what surrounds them."""

import heapq

import numpy as np
from numpy.typing import NDArray

from services.processor.masks.tracing.arcs import Arcs
from services.processor.masks.tracing.parts import Parts


def find(parts: Parts, *, min_area: int) -> NDArray[np.bool_]:
    """Return which parts have fewer pixels than `min_area` and are not their label's largest."""
    small = parts.pixels < min_area
    by_size = np.lexsort((-parts.pixels, parts.label))
    label = parts.label[by_size]
    largest = by_size[np.concatenate([[True], label[1:] != label[:-1]])]
    small[largest] = False
    return small


def merge(
    parts: Parts, arcs: Arcs, small: NDArray[np.bool_], *, min_area: int
) -> NDArray[np.int64]:
    """Return a label for every part: islands take that of the neighbour with the longest border.

    The smallest islands go first; what has grown to `min_area` meanwhile stays.
    """
    sea, small = _Sea(parts, arcs), small.copy()
    queue = [(parts.pixels[island], island) for island in np.flatnonzero(small).tolist()]
    heapq.heapify(queue)
    while queue:
        pixels, island = heapq.heappop(queue)
        if sea.root[island] != island or not small[island] or pixels >= min_area:
            continue
        if pixels != sea.pixels[island]:  # it has grown: wait for its turn
            heapq.heappush(queue, (sea.pixels[island], island))
            continue
        sea.drown(island, small)
    return np.array([sea.label[sea.find(part)] for part in range(len(parts.label))], np.int64)


class _Sea:
    """Parts and the lengths of the borders between them, as they merge."""

    def __init__(self, parts: Parts, arcs: Arcs) -> None:
        count = len(parts.label)
        self.root = list(range(count))
        self.label = parts.label.tolist()
        self.pixels = parts.pixels.tolist()
        self.shores: list[dict[int, int]] = [{} for _ in range(count)]
        lead = arcs.crack[arcs.first[:-1]]
        sides = zip(parts.left[lead].tolist(), parts.right[lead].tolist(), strict=True)
        for (one, other), length in zip(sides, np.diff(arcs.first).tolist(), strict=True):
            self.shores[one][other] = self.shores[one].get(other, 0) + length
            self.shores[other][one] = self.shores[other].get(one, 0) + length

    def find(self, part: int) -> int:
        """Return the part that `part` now belongs to."""
        while self.root[part] != part:
            self.root[part] = self.root[self.root[part]]
            part = self.root[part]
        return part

    def drown(self, island: int, small: NDArray[np.bool_]) -> None:
        """Give `island` to the label it shares most border with, joining that label's parts."""
        votes: dict[int, int] = {}
        for part, length in self.shores[island].items():
            votes[self.label[part]] = votes.get(self.label[part], 0) + length
        label = max(votes, key=lambda label: (votes[label], -label))
        joined = [part for part in self.shores[island] if self.label[part] == label]
        keeper = max(joined, key=lambda part: (len(self.shores[part]), -part))
        for part in [island, *joined]:
            if part != keeper:
                self._absorb(keeper, part)
                small[keeper] &= small[part]

    def _absorb(self, keeper: int, part: int) -> None:
        """Make `part` a piece of `keeper`."""
        self.root[part] = keeper
        self.pixels[keeper] += self.pixels[part]
        shores = self.shores[keeper]
        shores.pop(part, None)
        self.shores[part].pop(keeper, None)
        for other, length in self.shores[part].items():
            del self.shores[other][part]
            shores[other] = shores.get(other, 0) + length
            self.shores[other][keeper] = shores[other]
        self.shores[part] = {}
