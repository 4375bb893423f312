"""The cache as the accepting service sees it: `intake.Store` over gRPC."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facesvg.v1 import cache_pb2 as pb
from facesvg.v1 import cache_pb2_grpc as rpc
from facesvg.v1 import upload_pb2
from services.processor.intake import Begun
from services.processor.translation import likeness_to_proto, photo_to_proto
from services.runtime import again, tracing, uploads
from services.runtime.channels import UNARY_SECONDS
from services.runtime.context import Origin
from services.runtime.sending import sender

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import grpc

    from services.processor.intake import Submission
    from services.processor.masks import Facts
    from services.processor.masks.likeness import Likeness
    from services.runtime.uploads import Upload

CACHE = pb.DESCRIPTOR.services_by_name["CacheService"]
Outcome = pb.BeginTaskResponse.Outcome

BYTES_PER_SECOND = 1024 * 1024
"""Of one upload that is stored, at least: 48 of 24 MB at once take 20 s."""


class CacheStore:
    """Keeps tasks in the cache. A submission's `upload` is the received stream itself.

    A photo whose pixels the drawing does not need stays behind, unless the cache `keeps_all`.
    """

    def __init__(self, channel: grpc.aio.Channel, *, keeps_all: bool = False) -> None:
        self._cache = rpc.CacheServiceStub(channel)
        self._begin = sender(channel, CACHE.methods_by_name["BeginTask"])
        self.keeps_all = keeps_all

    async def begin(
        self, task_id: str, submission: Submission, facts: Facts, looks: Likeness | None
    ) -> Begun:
        """Send the inputs on and return what the cache made of them.

        The same again, with the same id, stays the owner's.
        """
        upload: Upload = submission.upload
        parts = dict(upload.parts)
        stays = not (submission.options.needs_pixels or self.keeps_all)
        if stays:
            parts.pop(upload_pb2.PART_IMAGE, None)
        origin = tracing.origin()
        header = pb.BeginTaskHeader(
            task_id=task_id,
            key=upload.header.key,
            parts=[uploads.part_info(part, spool) for part, spool in parts.items()],
            image_width=facts.image_width,
            image_height=facts.image_height,
            landmarks_count=facts.landmarks_count,
            likeness=likeness_to_proto(looks) if looks else None,
            origin=pb.Origin(request_id=origin.request_id, traceparent=origin.traceparent),
            idempotency_key=upload.header.idempotency_key,
            photo=photo_to_proto(facts.photo) if stays else None,
        )
        size = sum(spool.size for spool in parts.values())
        few = uploads.are_few(size)
        seconds = UNARY_SECONDS + size / BYTES_PER_SECOND

        def messages() -> Iterable[pb.BeginTaskRequest]:
            files = {part: spool.file for part, spool in parts.items()}
            return uploads.messages(pb.BeginTaskRequest(header=header), files, in_one=few)

        answer = await again.insisting(lambda: self._begin(messages(), seconds=seconds))
        return Begun(
            is_hit=answer.outcome == Outcome.OUTCOME_HIT,
            is_owner=answer.outcome == Outcome.OUTCOME_OWNER,
            task=answer.task,
            queue_depth=answer.queue_depth,
            distance=answer.similarity_distance if answer.HasField("similarity_distance") else None,
        )

    async def take_stranded(self) -> Mapping[str, Origin]:
        """Return the tasks that wait without a message, each with the call that brought it."""
        answer = await self._cache.TakeStranded(pb.TakeStrandedRequest())
        origins = answer.origins
        return {
            task_id: Origin(origins[task_id].request_id, origins[task_id].traceparent)
            for task_id in answer.task_ids
        }
