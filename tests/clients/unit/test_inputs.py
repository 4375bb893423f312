"""Photos, landmarks and maps, whatever they come in."""

from __future__ import annotations

import hashlib
import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from facesvg.v1.upload_pb2 import PART_IMAGE, PART_LANDMARKS, PART_SEGMENTATION_MAP
from facesvg_client.inputs import CHUNK_BYTES, INLINE_BYTES, Order, content

if TYPE_CHECKING:
    from pathlib import Path

POINTS = [[0.5, 0.25], [0.75, 1.0]]
PHOTO = bytes(range(256)) * 2000


@pytest.mark.parametrize(
    "landmarks",
    [
        POINTS,
        np.array(POINTS),
        json.dumps(POINTS).encode(),
        io.BytesIO(json.dumps(POINTS).encode()),
    ],
    ids=["lists", "array", "bytes", "file"],
)
def test_landmarks_may_be_held_in_anything(landmarks: Any) -> None:
    assert json.loads(content(landmarks)) == POINTS


def test_a_path_may_be_text_or_a_path(tmp_path: Path) -> None:
    (tmp_path / "photo").write_bytes(PHOTO)

    assert content(tmp_path / "photo") == content(str(tmp_path / "photo")) == PHOTO


def test_an_upload_declares_its_parts_and_sends_the_small_ones_first() -> None:
    order = Order.of(PHOTO, POINTS, b"map", {"preset": "features"})

    header, *chunks, finish = order.messages()

    declared = {info.part: info for info in header.header.parts}
    assert declared[PART_IMAGE].sha256 == hashlib.sha256(PHOTO).digest()
    assert declared[PART_IMAGE].size_bytes == len(PHOTO)
    assert header.header.options.preset == "features"
    parts = [message.chunk.part for message in chunks]
    assert parts == [PART_LANDMARKS, PART_SEGMENTATION_MAP, PART_IMAGE, PART_IMAGE]
    assert max(len(message.chunk.data) for message in chunks) == CHUNK_BYTES
    assert b"".join(m.chunk.data for m in chunks if m.chunk.part == PART_IMAGE) == PHOTO
    assert finish.WhichOneof("message") == "finish"


def test_an_upload_can_be_sent_again() -> None:
    order = Order.of(io.BytesIO(PHOTO), POINTS, None, {})

    assert list(order.messages()) == list(order.messages())


def test_a_map_is_told_by_its_digest_and_a_json_map_is_sent() -> None:
    image = Order.of(PHOTO, POINTS, b"\x89PNG", {}).description()
    indices = Order.of(PHOTO, POINTS, {"nose": [1, 2, 3]}, {}).description()

    assert image.segmentation_map_sha256 == hashlib.sha256(b"\x89PNG").digest()
    assert indices.segmentation_map == b'{"nose":[1,2,3]}'
    assert not Order.of(PHOTO, POINTS, None, {}).description().WhichOneof("map")


def test_what_is_too_large_to_be_sent_twice_is_not_looked_up() -> None:
    assert Order.of(PHOTO, b" " * INLINE_BYTES, None, {}).can_be_looked_up
    assert not Order.of(PHOTO, b" " * (INLINE_BYTES + 1), None, {}).can_be_looked_up
