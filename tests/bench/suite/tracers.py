"""The tracer beside potrace and vtracer, over a face's map and over many regions at photo size.

How true they are to the map is measured by `make bench-draw`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import trace_maps
from figures import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

MAPS = ("astronaut", "mosaic")
ROUNDS = 5


def measure() -> Iterator[Figure]:
    """Yield what each takes, as a multiple of potrace too."""
    found = trace_maps.maps([])
    for name in MAPS:
        for way, row in trace_maps.measure(found[name], ROUNDS, is_scored=False).items():
            group = f"tracing, {name}"
            yield Figure(group, f"{way}: time", row["ms"], "ms")
            if row["ratio"] is not None:
                yield Figure(group, f"{way}: time / potrace -a 0", row["ratio"], "")
