"""Many points on the wire."""

from __future__ import annotations

import numpy as np
import pytest
from google.protobuf import struct_pb2

from facesvg.v1 import mask_pb2
from services.processor import wire

POINTS = [
    np.empty((0, 2)),
    np.array([[0.0, 0.0]]),
    np.array([[1.5, -2.25], [0.0, 1e300], [-1e-300, 7.0]]),
    np.arange(2000.0).reshape(-1, 2) / 7,
    np.arange(8.0).reshape(2, 4).T[:, ::-1],
]


@pytest.mark.parametrize("points", POINTS, ids=["none", "origin", "few", "many", "not contiguous"])
def test_points_are_read_as_those_that_protobuf_writes(points: np.ndarray) -> None:
    expected = mask_pb2.Ring(points=[mask_pb2.Point(x=x, y=y) for x, y in points])

    message = mask_pb2.Ring.FromString(wire.ring(points))

    assert message == expected
    assert message.SerializeToString() == expected.SerializeToString()


@pytest.mark.parametrize("points", POINTS, ids=["none", "origin", "few", "many", "not contiguous"])
def test_pairs_are_read_as_those_that_protobuf_writes(points: np.ndarray) -> None:
    expected = struct_pb2.ListValue()
    for x, y in points.tolist():
        expected.add_list().extend([x, y])

    message = struct_pb2.ListValue.FromString(wire.pairs(points))

    assert message.SerializeToString() == expected.SerializeToString()
