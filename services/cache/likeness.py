"""When the drawing of one photo will do for another: what is equal, what is near, how near."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from itertools import combinations
from math import hypot
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from services.cache.keys import Key

HASH_BITS = 64
QUARTERS = 4
QUARTER_BITS = HASH_BITS // QUARTERS
POINT_BYTES = 8
"""Two 32-bit floats."""

TOLERANCE_PX = 0.5
"""How far a landmark may be from the other photo's, in pixels of the smaller photo."""


@dataclass(frozen=True)
class Likeness:
    """What a photo looks like.

    `scope` stands for all that must be equal. `perceptual_hash` has 64 bits. `landmarks` are
    fractions of the photo's `width` and `height`: x, y, x, y, little-endian 32-bit floats.
    """

    scope: bytes
    perceptual_hash: int
    landmarks: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Near:
    """A task whose photo looks the same; `distance` is how many bits of the hashes differ."""

    task_id: UUID
    distance: int


def scope(key: Key) -> bytes:
    """Return the digest of all that decides a drawing beside the photo and its landmarks.

    The tenant is part of it: no photo is compared with another tenant's.
    """
    whose = f"tenant {key.tenant}\n" if key.tenant else ""
    text = replace(key, image=b"", landmarks=b"").text() + whose
    return sha256(text.encode()).digest()


def probes(perceptual_hash: int, most: int) -> Sequence[Sequence[int]]:
    """Return, for each quarter of a hash, the values it may have in hashes that are near.

    Every hash that differs in at most `most` bits has one of these values in that quarter: were the
    first `most % 4 + 1` quarters all further than `most // 4` bits away, and the others at least
    that far, more than `most` bits would differ (M. Norouzi and others, Fast Search in Hamming
    Space with Multi-Index Hashing, 2012, proposition 2).

    >>> [len(values) for values in probes(0, 3)], [len(values) for values in probes(0, 8)]
    ([1, 1, 1, 1], [137, 17, 17, 17])
    """
    radius, more = divmod(most, QUARTERS)
    mask = (1 << QUARTER_BITS) - 1
    quarters = (
        perceptual_hash >> shift & mask
        for shift in range(HASH_BITS - QUARTER_BITS, -1, -QUARTER_BITS)
    )
    return [
        [quarter ^ flips for flips in flipped(radius if place <= more else radius - 1)]
        for place, quarter in enumerate(quarters)
    ]


@cache
def flipped(radius: int) -> Sequence[int]:
    """Return the numbers of 16 bits with at most `radius` bits set; none below 0."""
    bits = [1 << place for place in range(QUARTER_BITS)]
    return [sum(chosen) for count in range(radius + 1) for chosen in combinations(bits, count)]


def agree(one: Likeness, other: Likeness) -> bool:
    """Whether two photos have one shape and their landmarks one place.

    Of two sizes of one photo, sides were rounded to whole pixels: so far may the shapes differ.
    """
    if len(one.landmarks) != len(other.landmarks):
        return False
    width, height = min(one.width, other.width), min(one.height, other.height)
    slack = max(one.width, other.width) + max(one.height, other.height)
    if abs(one.width * other.height - other.width * one.height) > slack:
        return False
    return all(
        hypot((x - u) * width, (y - v) * height) <= TOLERANCE_PX
        for (x, y), (u, v) in zip(points(one), points(other), strict=True)
    )


def points(likeness: Likeness) -> Iterator[tuple[float, float]]:
    """Yield the landmarks."""
    return struct.iter_unpack("<2f", likeness.landmarks)
