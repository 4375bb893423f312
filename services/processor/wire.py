"""Many points as protobuf has them on the wire, written at once.

A message object for each point takes longer than tracing the outline it belongs to. On the wire
each takes the same bytes but for its two numbers, so all of them are one array, which protobuf
reads in no time. The layouts are the contract's, and of `google.protobuf.ListValue`: neither can
change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Layout = np.dtype[np.void]


def layout(before_x: bytes, before_y: bytes) -> tuple[Layout, bytes, bytes]:
    """Return how one point lies: bytes, a double, bytes, a double."""
    fields = [
        ("before_x", f"V{len(before_x)}"),
        ("x", "<f8"),
        ("before_y", f"V{len(before_y)}"),
        ("y", "<f8"),
    ]
    return np.dtype(fields), before_x, before_y


POINT = layout(
    b"\x0a\x12"  # field 1 of Ring, 18 bytes: a Point
    b"\x09",  # field 1, a double: x
    b"\x11",  # field 2, a double: y
)
PAIR = layout(
    b"\x0a\x18"  # field 1 of ListValue, 24 bytes: a Value
    b"\x32\x16"  # field 6, 22 bytes: a ListValue
    b"\x0a\x09\x11",  # field 1, 9 bytes: a Value; its field 2, a double
    b"\x0a\x09\x11",  # the same again
)


def ring(points: NDArray[np.float64]) -> bytes:
    """Return an (n, 2) array of x, y as the points of a `Ring`."""
    return written(points, POINT)


def pairs(points: NDArray[np.float64]) -> bytes:
    """Return an (n, 2) array as the `ListValue` that JSON shows as [[x, y], ...]."""
    return written(points, PAIR)


def written(points: NDArray[np.float64], laid: tuple[Layout, bytes, bytes]) -> bytes:
    """Return the points as they lie on the wire."""
    kind, before_x, before_y = laid
    rows = np.empty(len(points), kind)
    rows["before_x"], rows["before_y"] = np.void(before_x), np.void(before_y)
    rows["x"], rows["y"] = points.T
    return rows.tobytes()
