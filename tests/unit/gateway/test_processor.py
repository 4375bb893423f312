"""Submissions as the processor takes them."""

from __future__ import annotations

import asyncio
import hashlib
import io
from typing import TYPE_CHECKING, Any, cast

import grpc
import pytest
from faces import FACES
from grpc.aio import Metadata

from facesvg.v1 import processor_pb2, task_pb2, upload_pb2
from facesvg.v1.upload_pb2 import PART_IMAGE, PART_LANDMARKS, PART_SEGMENTATION_MAP
from services.gateway import processor
from services.gateway.submissions import NotTaken, Submission
from services.runtime import again
from services.runtime.uploads import CHUNK_BYTES, FEW_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


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
    sent = list(processor.messages(submission(segmentation_map=Bytes(b"map"))))

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
    (sent,) = processor.messages(Submission({}, Bytes(b"photo"), Bytes(b"[]")))

    assert [(chunk.part, chunk.data) for chunk in sent.header.chunks] == [
        (PART_LANDMARKS, b"[]"),
        (PART_IMAGE, b"photo"),
    ]


def test_the_header_has_the_key_and_every_parts_length_and_digest() -> None:
    header = next(iter(processor.messages(submission()))).header

    assert header.key.options.preset == "features"
    assert header.key.segmentation_map_sha256 == b""
    assert header.parts[1] == upload_pb2.PartInfo(
        part=PART_IMAGE, size_bytes=len(IMAGE), sha256=hashlib.sha256(IMAGE).digest()
    )


class Stub:
    """A processor that keeps what it is sent; `wants_images` says that headers are not enough."""

    def __init__(self, *, wants_images: bool = False) -> None:
        self.wants_images = wants_images
        self.sent: list[processor_pb2.SubmitTaskHeader] = []

    async def submit(
        self, messages: Iterable[processor_pb2.SubmitTaskRequest]
    ) -> processor_pb2.SubmitTaskResponse:
        header = next(iter(messages)).header
        self.sent.append(header)
        if self.wants_images and header.HasField("photo"):
            return processor_pb2.SubmitTaskResponse(image_needed=True)
        return processor_pb2.SubmitTaskResponse(task=task_pb2.Task(task_id="t"))


PHOTO = (FACES / "hopper/photo.jpg").read_bytes()


def submitted(peer: processor.ProcessorPeer, photo: bytes = PHOTO, **options: str) -> str:
    submission = Submission(options, Bytes(photo), Bytes(b"[]"))
    return asyncio.run(peer.submit(submission)).ticket.task_id


def has_image(header: processor_pb2.SubmitTaskHeader) -> bool:
    assert header.HasField("photo") != (PART_IMAGE in {chunk.part for chunk in header.chunks})
    return not header.HasField("photo")


def test_of_a_photo_the_header_is_sent() -> None:
    stub = Stub()

    assert submitted(processor.ProcessorPeer(stub.submit)) == "t"

    (header,) = stub.sent
    assert not has_image(header)
    assert (header.photo.format, header.photo.width) == ("jpeg", 512)
    assert [info.part for info in header.parts] == [PART_LANDMARKS]


@pytest.mark.parametrize("option", [{"embed_image": "true"}, {"similarity": "3"}], ids=str)
def test_a_photo_is_sent_where_its_pixels_are_asked_for(option: dict[str, str]) -> None:
    stub = Stub()

    submitted(processor.ProcessorPeer(stub.submit), **option)  # type: ignore[arg-type]

    assert [has_image(header) for header in stub.sent] == [True]


@pytest.mark.parametrize("photo", [b"no photo", PHOTO[:1000]], ids=["other", "cut off"])
def test_what_is_no_whole_photo_is_sent_for_the_processor_to_refuse(photo: bytes) -> None:
    stub = Stub()

    submitted(processor.ProcessorPeer(stub.submit), photo)

    assert [has_image(header) for header in stub.sent] == [True]


def test_a_processor_that_wants_photos_gets_them_from_then_on() -> None:
    stub = Stub(wants_images=True)
    peer = processor.ProcessorPeer(stub.submit)

    assert [submitted(peer), submitted(peer)] == ["t", "t"]

    assert [has_image(header) for header in stub.sent] == [False, True, True]


@pytest.mark.parametrize(
    "code", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INVALID_ARGUMENT], ids=str
)
def test_what_is_not_taken_may_be_drawn_all_the_same(
    code: grpc.StatusCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(again, "PAUSES", ())

    with pytest.raises(NotTaken) as caught:
        submitted(processor.ProcessorPeer(refusing(code)))

    assert cast("grpc.aio.AioRpcError", caught.value.reason).code() is code


def test_what_took_too_long_is_not_looked_for_in_what_is_left_of_the_time() -> None:
    with pytest.raises(grpc.aio.AioRpcError):
        submitted(processor.ProcessorPeer(refusing(grpc.StatusCode.DEADLINE_EXCEEDED)))


def refusing(code: grpc.StatusCode) -> Callable[[Iterable[Any]], Any]:
    async def submit(_: Iterable[Any]) -> None:
        raise grpc.aio.AioRpcError(code, Metadata(), Metadata())

    return submit
