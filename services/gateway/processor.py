"""The processor as the gateway's use cases see it, over gRPC."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, BinaryIO

import grpc

from facesvg.v1 import cache_pb2, processor_pb2, upload_pb2
from services import photo
from services.gateway.peers import key_of, ticket_of
from services.gateway.submissions import Begun, NotTaken
from services.runtime import again, uploads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from services.gateway.submissions import Part, Submission

NEED_PIXELS = frozenset({"embed_image", "similarity"})
"""Options that a photo's header is not enough for."""


class ProcessorPeer:
    """Sends submissions on."""

    def __init__(self, send: Callable[[Iterable[Any]], Any]) -> None:
        """`send` is the method that takes submissions."""
        self._send = send
        self._wants_images = False

    async def submit(self, submission: Submission) -> Begun:
        """Stream a submission's parts, the small ones first: they are refused the soonest.

        The same again finds the task that it began, if it did. Of a photo whose pixels no option
        asks for only what its header says is sent, unless the processor wants all of them.
        """
        known = None
        if not self._wants_images and not NEED_PIXELS & submission.options.keys():
            looking = asyncio.create_task(asyncio.to_thread(described, submission))
            _ = submission.landmarks.size  # takes as long to be told as the thread to come and go
            known = await looking
        answer = await self._answer(submission, known)
        if answer.image_needed:
            self._wants_images = True
            answer = await self._answer(submission, None)
        distance = answer.similarity_distance if answer.HasField("similarity_distance") else None
        return Begun(ticket_of(answer.task), answer.cache_hit, answer.queue_depth, distance)

    async def _answer(
        self, submission: Submission, known: cache_pb2.PhotoHeader | None
    ) -> processor_pb2.SubmitTaskResponse:
        try:
            return await again.insisting(lambda: self._send(messages(submission, known)))
        except grpc.aio.AioRpcError as error:
            if again.is_absent(error) or error.code() is grpc.StatusCode.INVALID_ARGUMENT:
                raise NotTaken(error) from error
            raise


def described(submission: Submission) -> cache_pb2.PhotoHeader | None:
    """Return what a photo's header says; None where the processor is to say what is wrong."""
    try:
        header = photo.read(submission.image.file, ignore_exif="ignore_exif" in submission.options)
    except (photo.NotAnImage, photo.EndOfImage):
        return None
    return cache_pb2.PhotoHeader(**asdict(header))


def messages(
    submission: Submission, known: cache_pb2.PhotoHeader | None = None
) -> Iterable[processor_pb2.SubmitTaskRequest]:
    """Return a submission as the processor takes it: without the image where its header will do."""
    parts = [
        (number, part)
        for number, part in parts_of(submission)
        if known is None or number != upload_pb2.PART_IMAGE
    ]
    infos = [
        upload_pb2.PartInfo(part=number, size_bytes=part.size, sha256=part.digest)
        for number, part in parts
    ]
    header = processor_pb2.SubmitTaskHeader(
        key=key_of(submission),
        parts=infos,
        idempotency_key=submission.idempotency_key,
        photo=known,
    )
    files: dict[int, BinaryIO] = {number: part.file for number, part in parts}
    few = uploads.are_few(sum(part.size for _, part in parts))
    return uploads.messages(processor_pb2.SubmitTaskRequest(header=header), files, in_one=few)


def parts_of(submission: Submission) -> list[tuple[upload_pb2.Part.ValueType, Part]]:
    """Return the parts by number, in the order they are sent."""
    parts: list[tuple[upload_pb2.Part.ValueType, Part | None]] = [
        (upload_pb2.PART_LANDMARKS, submission.landmarks),
        (upload_pb2.PART_SEGMENTATION_MAP, submission.segmentation_map),
        (upload_pb2.PART_IMAGE, submission.image),
    ]
    return [(number, part) for number, part in parts if part is not None]
