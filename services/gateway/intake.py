"""From a request stream to a submission: received whole, checked, in canonical form."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from facesvg.v1 import upload_pb2
from services.gateway import choices, form, query
from services.gateway.form.canonical import canonical
from services.gateway.submissions import Submission
from services.runtime import options, uploads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    import grpc

    from services.gateway.form import Limits
    from services.runtime.uploads import Spool


@dataclass(frozen=True)
class Intake:
    """Receives submissions. Their parts live as long as the context they are received in."""

    limits: Limits

    @asynccontextmanager
    async def upload(self, stream: AsyncIterator[Any]) -> AsyncIterator[Submission]:
        """Receive what a native client sends."""
        upload = await uploads.receive(stream, self.limits.by_part())
        chosen = upload.header.options if upload.header else None
        async with owned(upload.parts) as parts:
            yield submission_of(options.canonical(chosen) if chosen else {}, parts)

    @asynccontextmanager
    async def form(
        self, stream: AsyncIterator[Any], context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[Submission]:
        """Receive what a REST client sends as a form or JSON, its query included."""
        asked = query.parameters(context)
        received = await form.receive(
            (message.form async for message in stream),
            self.limits,
            choices.NAMES,
            length=query.declared_length(context),
        )
        async with owned(received.parts) as parts:
            yield submission_of(choices.merged(asked, received.options), parts)


@asynccontextmanager
async def owned(received: Mapping[int, Spool]) -> AsyncIterator[Mapping[int, Spool]]:
    """Bring parts into canonical form, and close them at the end."""
    parts = canonical(received)
    try:
        yield parts
    finally:
        for spool in parts.values():
            spool.close()


def submission_of(chosen: Mapping[str, str], parts: Mapping[int, Spool]) -> Submission:
    """Return the submission; raises `MissingPart`."""
    upload = uploads.Upload(header=None, parts=parts)
    return Submission(
        options=chosen,
        image=upload.part(upload_pb2.PART_IMAGE),
        landmarks=upload.part(upload_pb2.PART_LANDMARKS),
        segmentation_map=parts.get(upload_pb2.PART_SEGMENTATION_MAP),
    )
