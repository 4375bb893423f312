"""The cache and the processor as use cases see them."""

from __future__ import annotations

import asyncio
import hashlib
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from facesvg.v1 import error_reason_pb2, task_pb2, upload_pb2
from facesvg.v1.upload_pb2 import PART_IMAGE, PART_LANDMARKS, PART_SEGMENTATION_MAP
from services.gateway import peers
from services.gateway.submissions import Submission
from services.runtime.uploads import CHUNK_BYTES, FEW_BYTES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Bytes:
    def __init__(self, data: bytes) -> None:
        self.size = len(data)
        self.digest = hashlib.sha256(data).digest()
        self.file = io.BytesIO(data)


IMAGE = bytes(FEW_BYTES + 1)


def submission(segmentation_map: Bytes | None = None, key: str = "") -> Submission:
    return Submission(
        {"preset": "features"}, Bytes(IMAGE), Bytes(b"[]"), segmentation_map, idempotency_key=key
    )


def test_small_parts_are_sent_before_the_photo_and_finish_comes_last() -> None:
    sent = list(peers.messages(submission(segmentation_map=Bytes(b"map"))))

    assert [message.WhichOneof("message") for message in sent] == [
        "header",
        *["chunk"] * 5,
        "finish",
    ]
    assert [message.chunk.part for message in sent[1:-1]] == [
        PART_LANDMARKS,
        PART_SEGMENTATION_MAP,
        *[PART_IMAGE] * 3,
    ]
    sizes = [len(message.chunk.data) for message in sent[1:-1]]
    assert sizes == [2, 3, CHUNK_BYTES, CHUNK_BYTES, 1]


def test_few_bytes_are_sent_as_one_message() -> None:
    (sent,) = peers.messages(Submission({}, Bytes(b"photo"), Bytes(b"[]")))

    assert [(chunk.part, chunk.data) for chunk in sent.header.chunks] == [
        (PART_LANDMARKS, b"[]"),
        (PART_IMAGE, b"photo"),
    ]


def test_the_header_has_the_key_and_every_parts_length_and_digest() -> None:
    header = next(iter(peers.messages(submission()))).header

    assert header.key.options.preset == "features"
    assert header.key.segmentation_map_sha256 == b""
    assert header.parts[1] == upload_pb2.PartInfo(
        part=PART_IMAGE, size_bytes=len(IMAGE), sha256=hashlib.sha256(IMAGE).digest()
    )


def test_a_task_becomes_what_a_submission_needs_of_it() -> None:
    task = task_pb2.Task(
        task_id="t",
        status="SUCCESS",
        input_hash="ab",
        submitted_at=Timestamp(seconds=1),
        completed_at=Timestamp(seconds=2),
    )

    ticket = peers.ticket_of(task)

    assert ticket.submitted_at == datetime.fromtimestamp(1, UTC)
    assert ticket.completed_at == datetime.fromtimestamp(2, UTC)
    assert (ticket.is_final, ticket.trouble) == (True, None)


CLIENTS = [
    name.removeprefix("ERROR_REASON_")
    for name, number in error_reason_pb2.ErrorReason.items()
    if 0 < number < error_reason_pb2.ERROR_REASON_TASK_NOT_FOUND
]


@pytest.mark.parametrize("reason", CLIENTS)
def test_reasons_about_what_was_sent_are_the_clients(reason: str) -> None:
    assert peers.trouble_of(task_pb2.TaskError(type=reason)).is_clients


@pytest.mark.parametrize(
    "reason", ["INTERNAL", "TOO_MANY_ATTEMPTS", "UNSPECIFIED", "SOME_OTHER", ""]
)
def test_other_reasons_are_not_the_clients(reason: str) -> None:
    assert not peers.trouble_of(task_pb2.TaskError(type=reason)).is_clients


def collect(*pieces: bytes, size: int) -> bytes:
    async def stream() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async def joined() -> bytes:
        return b"".join([piece async for piece in peers.whole(stream(), size)])

    return asyncio.run(joined())


def test_a_whole_drawing_passes() -> None:
    assert collect(b"<s", b"vg/>", size=6) == b"<svg/>"
    assert collect(size=0) == b""


def test_a_drawing_cut_off_is_an_error() -> None:
    with pytest.raises(peers.SvgCutOff, match="has 6 bytes, 2 came"):
        collect(b"<s", size=6)
