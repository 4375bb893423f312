"""The cache as use cases see it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from grpc.aio import Metadata

from facesvg.v1 import cache_pb2, error_reason_pb2, task_pb2
from services.gateway import peers
from services.runtime import again

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


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


class Stopping:
    """A cache whose first watch breaks off after a record, and whose second ends well."""

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        self._error = grpc.aio.AioRpcError(code, Metadata(), Metadata(), details)
        self._has_stopped = False

    def WatchTask(self, *_: object, **__: object) -> Stopping:  # noqa: N802 - gRPC's name
        return self

    async def __aiter__(self) -> AsyncIterator[cache_pb2.WatchTaskResponse]:
        status = "SUCCESS" if self._has_stopped else "PENDING"
        yield cache_pb2.WatchTaskResponse(task=task_pb2.Task(status=status))
        if not self._has_stopped:
            self._has_stopped = True
            raise self._error

    def cancel(self) -> None:
        """Nothing is left to be cancelled."""


@pytest.mark.parametrize(
    ("code", "details"),
    [
        (grpc.StatusCode.UNAVAILABLE, "the service is being restarted"),
        (grpc.StatusCode.CANCELLED, ""),
        (grpc.StatusCode.INTERNAL, again.CUT),
    ],
)
def test_a_watch_outlives_a_cache_however_that_ends_it(code: grpc.StatusCode, details: str) -> None:
    cache = peers.CachePeer(cast("Any", Stopping(code, details)))

    async def watch() -> list[str]:
        return [task.status async for task in cache.watch("a task")]

    assert asyncio.run(watch()) == ["PENDING", "SUCCESS"]
