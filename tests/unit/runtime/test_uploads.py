"""Uploads count only when they are whole."""

from __future__ import annotations

import asyncio
import hashlib
import io
from typing import TYPE_CHECKING, Any, BinaryIO

import pytest

from facesvg.v1 import gateway_pb2 as pb
from facesvg.v1 import processor_pb2, upload_pb2
from facesvg.v1.upload_pb2 import PART_IMAGE, PART_LANDMARKS
from services.runtime import uploads
from services.runtime.upload_errors import PartTooLarge, TruncatedUpload, UnexpectedPart

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LIMITS: dict[int, int] = {PART_IMAGE: 100, PART_LANDMARKS: 10}
FINISH = pb.SubmitRequest(finish=upload_pb2.Finish())


async def stream(*messages: Any) -> AsyncIterator[Any]:
    for message in messages:
        yield message


def header(**info: Any) -> pb.SubmitRequest:
    parts = [upload_pb2.PartInfo(**info)] if info else []
    return pb.SubmitRequest(header=pb.SubmitHeader(parts=parts))


def chunk(data: bytes, part: Any = PART_IMAGE) -> pb.SubmitRequest:
    return pb.SubmitRequest(chunk=upload_pb2.Chunk(part=part, data=data))


def receive(*messages: Any) -> uploads.Upload:
    return asyncio.run(uploads.receive(stream(*messages), LIMITS))


def test_a_whole_upload_has_every_part_with_its_digest() -> None:
    upload = receive(header(), chunk(b"ab"), chunk(b"c"), chunk(b"[]", PART_LANDMARKS), FINISH)

    assert {part: spool.read() for part, spool in upload.parts.items()} == {
        PART_IMAGE: b"abc",
        PART_LANDMARKS: b"[]",
    }
    assert upload.parts[PART_IMAGE].digest == hashlib.sha256(b"abc").digest()
    upload.close()


def test_a_stream_without_finish_is_truncated() -> None:
    with pytest.raises(TruncatedUpload, match="without finish"):
        receive(header(), chunk(b"abc"))


@pytest.mark.parametrize(
    "info",
    [{"size_bytes": 4}, {"sha256": hashlib.sha256(b"abcd").digest()}],
    ids=["size", "sha256"],
)
def test_bytes_that_are_not_the_declared_ones_are_truncated(info: dict[str, Any]) -> None:
    with pytest.raises(TruncatedUpload, match="image was declared"):
        receive(header(part=PART_IMAGE, **info), chunk(b"abc"), FINISH)


def test_a_declared_part_that_never_comes_is_truncated() -> None:
    with pytest.raises(TruncatedUpload, match="declared as 3 bytes, 0 came"):
        receive(header(part=PART_IMAGE, size_bytes=3), FINISH)


def test_a_part_beyond_its_limit_is_refused() -> None:
    with pytest.raises(PartTooLarge, match="image is larger than the 100 bytes accepted"):
        receive(header(), chunk(b"a" * 60), chunk(b"a" * 60))


def test_a_part_declared_beyond_its_limit_is_refused_before_its_bytes() -> None:
    with pytest.raises(PartTooLarge, match="declared as 101 bytes, 100 are accepted"):
        receive(header(part=PART_IMAGE, size_bytes=101))


@pytest.mark.parametrize(
    "messages",
    [
        (chunk(b"a"),),
        (FINISH,),
        (header(), header()),
        (header(), pb.SubmitRequest()),
        (header(), chunk(b"a", upload_pb2.PART_SEGMENTATION_MAP)),
        (header(), chunk(b"a"), chunk(b"b", PART_LANDMARKS), chunk(b"c")),
    ],
    ids=[
        "no header",
        "finish alone",
        "two headers",
        "empty message",
        "unknown part",
        "parts interleaved",
    ],
)
def test_messages_out_of_order_are_refused(messages: tuple[pb.SubmitRequest, ...]) -> None:
    with pytest.raises(UnexpectedPart):
        receive(*messages)


FILES = {PART_IMAGE: b"a photo", PART_LANDMARKS: b""}
DIGESTS = [
    upload_pb2.PartInfo(part=part, size_bytes=len(data), sha256=hashlib.sha256(data).digest())
    for part, data in FILES.items()
]


def sent(*, in_one: bool, parts: list[upload_pb2.PartInfo] = DIGESTS) -> list[Any]:
    """Return the messages of an upload from one service to another."""
    files: dict[int, BinaryIO] = {part: io.BytesIO(data) for part, data in FILES.items()}
    header = processor_pb2.SubmitTaskHeader(parts=parts)
    kind = processor_pb2.SubmitTaskRequest
    return list(uploads.messages(kind(header=header), files, in_one=in_one))


@pytest.mark.parametrize("in_one", [True, False])
def test_what_one_service_sends_another_receives(in_one: bool) -> None:
    messages = sent(in_one=in_one)

    upload = receive(*messages)

    assert {part: spool.read() for part, spool in upload.parts.items()} == FILES
    assert len(messages) == (1 if in_one else 4)
    upload.close()


def test_a_header_with_other_bytes_than_the_declared_ones_is_truncated() -> None:
    (message,) = sent(in_one=True)
    message.header.chunks[0].data = b"another"

    with pytest.raises(TruncatedUpload, match="image was declared"):
        receive(message)


def test_a_header_with_a_part_beyond_its_limit_is_refused() -> None:
    (message,) = sent(in_one=True, parts=[])
    message.header.chunks[0].data = b"a" * 101

    with pytest.raises(PartTooLarge, match="image is larger than the 100 bytes accepted"):
        receive(message)


@pytest.mark.parametrize("size", [0, 1, uploads.CHUNK_BYTES, uploads.CHUNK_BYTES + 1])
def test_chunks_put_together_are_the_file(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)

    pieces = list(uploads.chunks(io.BytesIO(data[:size]), PART_IMAGE))

    assert b"".join(piece.data for piece in pieces) == data[:size]
    assert max(len(piece.data) for piece in pieces) <= uploads.CHUNK_BYTES
