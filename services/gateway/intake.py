"""From a request stream to a submission: received whole, checked, in canonical form."""

from __future__ import annotations

import io
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO

from facesvg.v1 import upload_pb2
from services.gateway import choices, form, ids, query
from services.gateway.form.canonical import canonical
from services.gateway.form.digests import Digests
from services.gateway.recognition import Recognition
from services.gateway.repeating import idempotency_key
from services.gateway.submissions import Submission
from services.gateway.webhooks.callbacks import Callbacks
from services.runtime import options, uploads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    import grpc

    from facesvg.v1 import gateway_pb2
    from services.gateway.form import Limits
    from services.gateway.submissions import Part

    Context = grpc.aio.ServicerContext[Any, Any]


NO_CALLBACKS = Callbacks()


@dataclass(frozen=True)
class Known:
    """A part that is not there: its digest is enough to find what was made of it."""

    digest: bytes
    size: int = 0

    @property
    def file(self) -> BinaryIO:
        """Nothing."""
        return io.BytesIO()


class Intake:
    """Receives submissions. Their parts live as long as the context they are received in."""

    def __init__(self, limits: Limits, callbacks: Callbacks = NO_CALLBACKS) -> None:
        self._limits = limits
        self._callbacks = callbacks
        self._digests = Digests()
        self._recognition = Recognition()

    @asynccontextmanager
    async def upload(
        self, stream: AsyncIterator[Any], context: Context
    ) -> AsyncIterator[Submission]:
        """Receive what a native client submits."""
        key = idempotency_key(context)
        upload = await uploads.receive(stream, self._limits.by_part(), self._recognition.digest_of)
        with closing(upload):
            submission = self._submission(options.canonical(upload.header.options), upload)
            self._callbacks.check(submission.options)
            yield replace(submission, idempotency_key=key)

    @asynccontextmanager
    async def form(self, stream: AsyncIterator[Any], context: Context) -> AsyncIterator[Submission]:
        """Receive what a REST client submits as a form or JSON, its query included."""
        key = idempotency_key(context)
        async with self._form(stream, context) as submission:
            self._callbacks.check(submission.options)
            yield replace(submission, idempotency_key=key)

    @asynccontextmanager
    async def rendering(
        self, stream: AsyncIterator[Any], context: Context
    ) -> AsyncIterator[Submission]:
        """Receive a form or JSON of a client that waits for the drawing."""
        async with self._form(stream, context) as submission:
            self._callbacks.refuse(submission.options)
            yield submission

    @asynccontextmanager
    async def _form(
        self, stream: AsyncIterator[Any], context: Context
    ) -> AsyncIterator[Submission]:
        asked = query.parameters(context)
        received = await form.receive(
            (message.form async for message in stream),
            self._limits,
            choices.NAMES,
            length=query.declared_length(context),
            digest_of=self._recognition.digest_of,
        )
        with closing(uploads.Upload(header=None, parts=received.parts)) as upload:
            yield self._submission(choices.merged(asked, received.options), upload)

    @contextmanager
    def described(self, request: gateway_pb2.FindByInputsRequest) -> Iterator[Submission]:
        """Take what a submission is found by; there is no photo to be drawn."""
        image = Known(ids.sha256("image_sha256", request.image_sha256))
        digest = request.segmentation_map_sha256
        segmentation_map = Known(ids.sha256("segmentation_map_sha256", digest)) if digest else None
        small: Mapping[int, bytes] = {
            upload_pb2.PART_LANDMARKS: request.landmarks,
            upload_pb2.PART_SEGMENTATION_MAP: request.segmentation_map,
        }
        with closing(uploads.spooled(small, self._limits.by_part())) as upload:
            found = self._submission(options.canonical(request.options), upload, image)
            self._callbacks.check(found.options)
            yield replace(found, segmentation_map=found.segmentation_map or segmentation_map)

    def _submission(
        self, chosen: Mapping[str, str], upload: uploads.Upload, image: Part | None = None
    ) -> Submission:
        """Return what an upload asks for; raises `MissingPart`."""
        segmentation_map = upload.parts.get(upload_pb2.PART_SEGMENTATION_MAP)
        return Submission(
            options=chosen,
            image=image or upload.part(upload_pb2.PART_IMAGE),
            landmarks=canonical(upload.part(upload_pb2.PART_LANDMARKS), self._digests),
            segmentation_map=canonical(segmentation_map, self._digests)
            if segmentation_map
            else None,
        )
