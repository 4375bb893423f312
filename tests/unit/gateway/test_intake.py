"""From a request stream to a submission."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from google.api.httpbody_pb2 import HttpBody

from facesvg.v1 import gateway_pb2 as pb
from facesvg.v1 import upload_pb2
from facesvg.v1.upload_pb2 import PART_IMAGE, PART_LANDMARKS
from services.gateway.form import Limits
from services.gateway.intake import Intake
from services.runtime.options import InvalidOption
from services.runtime.spool import Spool
from services.runtime.upload_errors import MissingPart

if TYPE_CHECKING:
    from services.gateway.submissions import Submission

LIMITS = Limits(image=1000, landmarks=1000, segmentation_map=1000)
JSON = b'{"image": "QUJD", "landmarks": [1.50]%s}'
Way = Callable[[Intake, bytes], AbstractAsyncContextManager["Submission"]]


class Context:
    def invocation_metadata(self) -> tuple[()]:
        return ()


async def cancelled(run: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    """Cancel a coroutine once it has told the event that it waits."""
    waits = asyncio.Event()
    task = asyncio.create_task(run(waits))
    told = asyncio.create_task(waits.wait())
    await asyncio.wait({task, told}, return_when=asyncio.FIRST_COMPLETED)
    task.cancel()
    told.cancel()
    await task


async def wait(waits: asyncio.Event) -> None:
    waits.set()
    await asyncio.Event().wait()


def over_grpc(intake: Intake, more: bytes) -> AbstractAsyncContextManager[Submission]:
    async def stream() -> AsyncIterator[pb.SubmitRequest]:
        header = pb.SubmitHeader()
        if more:
            header.options.region_opacity = 7
        yield pb.SubmitRequest(header=header)
        for part, data in ((PART_IMAGE, b"ABC"), (PART_LANDMARKS, b"[1.50]")):
            yield pb.SubmitRequest(chunk=upload_pb2.Chunk(part=part, data=data))
        yield pb.SubmitRequest(finish=upload_pb2.Finish())

    return intake.upload(stream(), Context())  # type: ignore[arg-type] # all that is asked of it


def over_rest(intake: Intake, more: bytes) -> AbstractAsyncContextManager[Submission]:
    async def stream() -> AsyncIterator[pb.SubmitFormRequest]:
        for byte in JSON % (b', "region_opacity": 7' if more else b""):
            body = HttpBody(content_type="application/json", data=bytes([byte]))
            yield pb.SubmitFormRequest(form=body)

    return intake.form(stream(), Context())  # type: ignore[arg-type] # all that is asked of it


@dataclass
class Spools:
    """The names of the spools that were made, and of those that were closed."""

    made: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    @property
    def left_open(self) -> list[str]:
        return [name for name in self.made if name not in self.closed]


@pytest.fixture
def spools(monkeypatch: pytest.MonkeyPatch) -> Spools:
    seen = Spools()
    make, close = Spool.__init__, Spool.close

    def made(self: Spool, name: str, *rest: Any, **more: Any) -> None:
        seen.made.append(name)
        make(self, name, *rest, **more)

    def closed(self: Spool) -> None:
        seen.closed.append(self.name)
        close(self)

    monkeypatch.setattr(Spool, "__init__", made)
    monkeypatch.setattr(Spool, "close", closed)
    return seen


@pytest.mark.parametrize("way", [over_grpc, over_rest])
def test_a_submission_has_canonical_parts_which_close_after_it(way: Way, spools: Spools) -> None:
    async def receive() -> tuple[bytes, bytes]:
        async with way(Intake(LIMITS), b"") as submission:
            assert spools.closed == []
            return submission.image.file.read(), submission.landmarks.file.read()

    assert asyncio.run(receive()) == (b"ABC", b"[1.5]")
    assert spools.made == ["image", "landmarks"]
    assert spools.left_open == []


@pytest.mark.parametrize("way", [over_grpc, over_rest])
def test_parts_are_closed_when_an_option_is_wrong(way: Way, spools: Spools) -> None:
    async def receive() -> None:
        async with way(Intake(LIMITS), b"wrong"):
            pass

    with pytest.raises(InvalidOption):
        asyncio.run(receive())
    assert spools.made == ["image", "landmarks"]
    assert spools.left_open == []


@pytest.mark.parametrize("way", [over_grpc, over_rest])
def test_parts_are_closed_when_the_call_is_cancelled(way: Way, spools: Spools) -> None:
    async def receive(waits: asyncio.Event) -> None:
        async with way(Intake(LIMITS), b""):
            await wait(waits)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled(receive))
    assert spools.made == ["image", "landmarks"]
    assert spools.left_open == []


def test_parts_are_closed_when_the_upload_is_cancelled_half_way(spools: Spools) -> None:
    async def receive(waits: asyncio.Event) -> None:
        async def stream() -> AsyncIterator[pb.SubmitFormRequest]:
            body = HttpBody(content_type="application/json", data=JSON[:30])
            yield pb.SubmitFormRequest(form=body)
            await wait(waits)

        context: Any = Context()
        async with Intake(LIMITS).form(stream(), context):
            pass

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled(receive))
    assert spools.made == ["image"]
    assert spools.left_open == []


def test_an_upload_of_nothing_lacks_its_photo() -> None:
    async def stream() -> AsyncIterator[pb.SubmitRequest]:
        yield pb.SubmitRequest(header=pb.SubmitHeader())
        yield pb.SubmitRequest(finish=upload_pb2.Finish())

    async def receive() -> None:
        async with Intake(LIMITS).upload(stream(), Context()):  # type: ignore[arg-type]
            pass

    with pytest.raises(MissingPart, match="image is missing"):
        asyncio.run(receive())
