"""The cache as the gateway's use cases see it, over gRPC."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import grpc

from facesvg.v1 import cache_pb2, error_reason_pb2, mask_pb2
from services.gateway import watching
from services.gateway.access.caller import tenant
from services.gateway.drawings import Svg
from services.gateway.lookups import Lookups, Unanswered
from services.gateway.submissions import FINAL, Ticket, Trouble
from services.gateway.tickets import Erasures
from services.gateway.wanted import EVERYTHING, wanted
from services.runtime import again, deadlines, options, tracing

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping
    from datetime import datetime

    from google.protobuf.timestamp_pb2 import Timestamp

    from facesvg.v1 import cache_pb2_grpc, task_pb2
    from services.gateway.submissions import Submission
    from services.gateway.wanted import Wanted

SVG = wanted(["result.svg"])
"""Of a task that is waited for: only those who ask for it read its regions."""

FIND = "/facesvg.v1.CacheService/FindResult"

NO_DEADLINE = -1.0
"""A watch lasts as long as its watcher."""

WATCH_PATIENCE = timedelta(seconds=30)
"""Of a watch without a record: the cache repeats the last one every 15 s."""

ERASURES_SECONDS = 1.0
"""Those who wait ask for themselves then."""


class CacheAway(ConnectionError):
    """The cache does not answer; the call may be repeated."""

    def __init__(self) -> None:
        super().__init__("the cache does not answer; send the request again")
        self.facts = {"dependency": "cache"}


class SvgCutOff(ConnectionError):
    """A drawing ended before its end."""

    def __init__(self, expected: int, found: int) -> None:
        super().__init__(f"the drawing has {expected} bytes, {found} came; ask for it again")
        self.facts = {"dependency": "cache", "expected": str(expected), "found": str(found)}


class CachePeer:
    """Finds finished drawings, watches tasks, reads drawings."""

    def __init__(self, stub: cache_pb2_grpc.CacheServiceAsyncStub) -> None:
        self._stub = stub
        self._lookups = Lookups(stub)

    async def find(self, submission: Submission) -> Ticket | None:
        """Ask for the task that answers a submission."""
        return await self._find(
            cache_pb2.FindResultRequest(
                key=key_of(submission), idempotency_key=submission.idempotency_key
            )
        )

    async def find_hash(self, input_hash: str) -> Ticket | None:
        """Ask for the final task with this key."""
        return await self._find(cache_pb2.FindResultRequest(input_hash=input_hash, tenant=tenant()))

    async def final(self, task_id: str) -> Ticket:
        """Watch a task to its end; a drawing that is not too large comes along."""
        async with aclosing(self.watch(task_id, SVG)) as tasks:
            async for task in tasks:
                if task.status in FINAL:
                    return replace(ticket_of(task), svg=task.result.svg or None)
        raise watching.Interrupted

    async def leave(self, task_id: str) -> None:
        """Let go of a task, once: whether a call that failed was heard nobody knows."""
        try:
            await self._stub.LeaveTask(cache_pb2.LeaveTaskRequest(task_id=task_id, tenant=tenant()))
        except grpc.aio.AioRpcError as error:
            raise CacheAway from error

    async def svg(self, task_id: str) -> Svg:
        """Begin to read a drawing: the cache has checked it when its header comes."""
        answers = self._read(task_id)
        header = (await anext(answers)).header
        pieces = whole((answer.data async for answer in answers), header.size_bytes)
        return Svg(header.size_bytes, header.sha256, pieces, seconds(header.good_for_ms))

    async def erasures(self, cursor: str) -> Erasures:
        """Ask what was erased since an earlier question."""
        request = cache_pb2.ListErasuresRequest(cursor=cursor)
        answer = await self._stub.ListErasures(request, timeout=ERASURES_SECONDS)
        return Erasures(
            answer.cursor, answer.task_ids, answer.all_erased, seconds(answer.good_for_ms)
        )

    async def count_hits(self, hits: Mapping[str, int]) -> None:
        """Tell how often tasks were answers without the cache having been asked."""
        try:
            await self._stub.CountHits(cache_pb2.CountHitsRequest(hits=hits))
        except grpc.aio.AioRpcError as error:
            raise CacheAway from error

    async def watch(
        self, task_id: str, asked: Wanted = EVERYTHING
    ) -> AsyncGenerator[task_pb2.Task, None]:
        """Yield a task on every change, until it is final; of its drawing what is wanted."""

        def again() -> AsyncIterator[task_pb2.Task]:
            return self._watch(task_id, asked)

        records = watching.lasting(again, lambda task: task.status in FINAL, WATCH_PATIENCE)
        async with aclosing(records) as tasks:
            async for task in tasks:
                yield task

    async def _find(self, request: cache_pb2.FindResultRequest) -> Ticket | None:
        answer = await self._found(request)
        if not answer.HasField("task"):
            return None
        return replace(
            ticket_of(answer.task),
            good_for=seconds(answer.good_for_ms),
            kept_for=seconds(answer.kept_for_ms),
        )

    async def _found(self, request: cache_pb2.FindResultRequest) -> cache_pb2.FindResultResponse:
        if not (request.idempotency_key or request.key.options.callback_url):
            try:
                async with asyncio.timeout(deadlines.remaining()):
                    with tracing.span(FIND[1:], tracing.CLIENT, tracing.call_facts(FIND)):
                        return await self._lookups.find(request)
            except (Unanswered, TimeoutError):
                pass  # a call of its own tells why
        return await again.insisting(lambda: self._stub.FindResult(request))

    async def _watch(self, task_id: str, asked: Wanted) -> AsyncIterator[task_pb2.Task]:
        request = cache_pb2.WatchTaskRequest(
            task_id=task_id,
            with_result=asked.has_result,
            read_mask=asked.of_result,
            tenant=tenant(),
        )
        call = self._stub.WatchTask(request, timeout=NO_DEADLINE)
        try:
            async for answer in call:
                yield answer.task
        except grpc.aio.AioRpcError as error:
            if error.code() in again.ABSENT or again.is_cut(error):
                raise CacheAway from error
            raise
        finally:
            call.cancel()

    async def _read(self, task_id: str) -> AsyncIterator[cache_pb2.ReadSvgResponse]:
        call = self._stub.ReadSvg(cache_pb2.ReadSvgRequest(task_id=task_id, tenant=tenant()))
        try:
            async for answer in call:
                yield answer
        finally:
            call.cancel()


async def whole(pieces: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    """Yield pieces; raises `SvgCutOff` when they end before `size` bytes have come."""
    left = size
    async for piece in pieces:
        left -= len(piece)
        yield piece
    if left:
        raise SvgCutOff(size, size - left)


def key_of(submission: Submission) -> cache_pb2.TaskKey:
    """Return what decides the drawing."""
    segmentation_map, chosen = submission.segmentation_map, submission.options
    return cache_pb2.TaskKey(
        options=options.parse(mask_pb2.DrawOptions, chosen) if chosen else None,
        image_sha256=submission.image.digest,
        landmarks_sha256=submission.landmarks.digest,
        segmentation_map_sha256=segmentation_map.digest if segmentation_map else b"",
        tenant=tenant(),
    )


def ticket_of(task: task_pb2.Task) -> Ticket:
    """Return what a submission needs of a task."""
    return Ticket(
        task_id=task.task_id,
        status=task.status,
        input_hash=task.input_hash,
        submitted_at=moment(task.submitted_at),
        completed_at=moment(task.completed_at) if task.HasField("completed_at") else None,
        processing_ms=task.processing_time_ms,
        trouble=trouble_of(task.error) if task.HasField("error") else None,
    )


def trouble_of(error: task_pb2.TaskError) -> Trouble:
    """Return why a task failed. Reasons below those of tasks are about what the client sent."""
    reasons = error_reason_pb2.ErrorReason
    number = dict(reasons.items()).get(f"ERROR_REASON_{error.type}", reasons.values()[-1])
    is_clients = 0 < number < reasons.Value("ERROR_REASON_TASK_NOT_FOUND")
    return Trouble(error.type, error.message, is_clients)


def seconds(milliseconds: int) -> float:
    """Return a time span of a message."""
    return milliseconds / 1000


def moment(timestamp: Timestamp) -> datetime:
    """Return a timestamp as a time in UTC."""
    return timestamp.ToDatetime(UTC)
