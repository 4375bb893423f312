"""The gateway's peers, small: real servers that keep in memory what the real ones keep for good."""
# ruff: noqa: N802 - gRPC names its methods so

from __future__ import annotations

import asyncio
import hashlib
import queue
import threading
import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from facesvg.v1 import (
    cache_pb2,
    cache_pb2_grpc,
    operations_pb2,
    operations_pb2_grpc,
    processor_pb2,
    processor_pb2_grpc,
    task_pb2,
    upload_pb2,
)
from services.runtime import uploads
from services.runtime.faults import Fault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
LIMITS: dict[int, int] = {
    upload_pb2.PART_IMAGE: 32 * 2**20,
    upload_pb2.PART_LANDMARKS: 2**20,
    upload_pb2.PART_SEGMENTATION_MAP: 32 * 2**20,
}


class NoTask(LookupError):
    """There is no such task."""

    def __init__(self, task_id: str) -> None:
        super().__init__(f"there is no task {task_id}")
        self.facts = {"task_id": task_id}


class NoDrawing(Exception):
    """The task has no drawing."""

    def __init__(self, status: str) -> None:
        super().__init__(f"the task is {status}")
        self.facts = {"status": status}


class Refused(ValueError):
    """The processor does not like a photo."""


class Away(Exception):
    """What a peer that is shutting down answers."""


FAULTS = {
    NoTask: Fault(grpc.StatusCode.NOT_FOUND, "TASK_NOT_FOUND"),
    NoDrawing: Fault(grpc.StatusCode.FAILED_PRECONDITION, "TASK_NOT_FINISHED"),
    Refused: Fault(grpc.StatusCode.INVALID_ARGUMENT, "NOT_AN_IMAGE"),
    Away: Fault(grpc.StatusCode.UNAVAILABLE, "DEPENDENCY_UNAVAILABLE"),
}


def task(status: str, task_id: str = "", **more: Any) -> task_pb2.Task:
    return task_pb2.Task(
        task_id=task_id or str(uuid.uuid4()),
        status=status,
        input_hash="ab" * 32,
        submitted_at=Timestamp(seconds=1_700_000_000),
        **more,
    )


@dataclass
class FakeCache(cache_pb2_grpc.CacheServiceServicer):
    """Knows tasks, answers to keys, and drawings. `watches` are scripts of streams to come."""

    tasks: dict[str, task_pb2.Task] = field(default_factory=dict)
    answers: dict[bytes, str] = field(default_factory=dict)
    drawings: dict[str, bytes] = field(default_factory=dict)
    watches: deque[list[task_pb2.Task | Exception]] = field(default_factory=deque)
    asked: list[Any] = field(default_factory=list)
    watched: threading.Event = field(default_factory=threading.Event)
    left_alone: threading.Event = field(default_factory=threading.Event)
    left: queue.Queue[cache_pb2.LeaveTaskRequest] = field(default_factory=queue.Queue)

    def add(self, status: str, **more: Any) -> str:
        added = task(status, **more)
        self.tasks[added.task_id] = added
        return added.task_id

    def finish(self, task_id: str, svg: bytes = SVG) -> None:
        self.drawings[task_id] = svg
        self.tasks[task_id].status = "SUCCESS"
        self.tasks[task_id].processing_time_ms = 40
        self.tasks[task_id].completed_at.FromSeconds(1_700_000_001)

    async def FindResult(self, request: cache_pb2.FindResultRequest, _: Any) -> Any:
        self.asked.append(request)
        if request.WhichOneof("target") == "input_hash":
            found = next(
                (t for t in self.tasks.values() if t.input_hash == request.input_hash), None
            )
        else:
            found = self.tasks.get(self.answers.get(request.key.SerializeToString(), ""))
        return cache_pb2.FindResultResponse(input_hash="ab" * 32, task=found)

    async def FindResults(
        self, request_iterator: AsyncIterator[cache_pb2.FindResultsRequest], _: Any
    ) -> AsyncIterator[cache_pb2.FindResultsResponse]:
        async for asked in request_iterator:
            answers = [await self.FindResult(one, None) for one in asked.requests]
            yield cache_pb2.FindResultsResponse(responses=answers)

    async def GetTask(self, request: cache_pb2.GetTaskRequest, _: Any) -> Any:
        self.asked.append(request)
        return cache_pb2.GetTaskResponse(task=self._task(request.task_id))

    async def WatchTask(
        self, request: cache_pb2.WatchTaskRequest, _: Any
    ) -> AsyncIterator[cache_pb2.WatchTaskResponse]:
        self.asked.append(request)
        self.watched.set()
        if self.watches:
            for record in self.watches.popleft():
                if isinstance(record, Exception):
                    raise record
                yield cache_pb2.WatchTaskResponse(task=record)
            return
        yield cache_pb2.WatchTaskResponse(task=self._task(request.task_id))
        if self.tasks[request.task_id].status == "PROGRESS":
            await self._wait_for_ever()
        if self.tasks[request.task_id].status == "PENDING":
            self.finish(request.task_id)
            yield cache_pb2.WatchTaskResponse(task=self.tasks[request.task_id])

    async def ReadSvg(
        self, request: cache_pb2.ReadSvgRequest, _: Any
    ) -> AsyncIterator[cache_pb2.ReadSvgResponse]:
        found = self._task(request.task_id)
        svg = self.drawings.get(request.task_id)
        if svg is None:
            raise NoDrawing(found.status)
        header = cache_pb2.SvgHeader(size_bytes=len(svg), sha256=hashlib.sha256(svg).digest())
        yield cache_pb2.ReadSvgResponse(header=header)
        for at in range(0, len(svg), uploads.CHUNK_BYTES):
            yield cache_pb2.ReadSvgResponse(data=svg[at : at + uploads.CHUNK_BYTES])
        if found.status == "PROGRESS":
            await self._wait_for_ever()

    async def CancelTask(self, request: cache_pb2.CancelTaskRequest, _: Any) -> Any:
        found = self._task(request.task_id)
        found.status = "CANCELLED"
        return cache_pb2.CancelTaskResponse(task=found)

    async def LeaveTask(self, request: cache_pb2.LeaveTaskRequest, _: Any) -> Any:
        self.left.put(request)
        return cache_pb2.LeaveTaskResponse(task=self._task(request.task_id))

    async def DeleteTask(self, request: cache_pb2.DeleteTaskRequest, _: Any) -> Any:
        self._task(request.task_id)
        del self.tasks[request.task_id]
        return cache_pb2.DeleteTaskResponse()

    async def ListTasks(self, request: cache_pb2.ListTasksRequest, _: Any) -> Any:
        self.asked.append(request)
        rows = [task_pb2.TaskSummary(task_id=t.task_id, status=t.status) for t in self.newest()]
        return cache_pb2.ListTasksResponse(tasks=rows[: request.page_size or 50])

    async def GetStats(self, request: cache_pb2.GetStatsRequest, _: Any) -> Any:
        return cache_pb2.GetStatsResponse(stats=cache_pb2.CacheStats(days=request.days or 7))

    async def Cleanup(self, request: cache_pb2.CleanupRequest, _: Any) -> Any:
        del request
        return cache_pb2.CleanupResponse(expired_tasks=3)

    def newest(self) -> list[task_pb2.Task]:
        return list(reversed(self.tasks.values()))

    async def _wait_for_ever(self) -> None:
        """Wait until the caller goes, and tell."""
        try:
            await asyncio.Event().wait()
        finally:
            self.left_alone.set()

    def _task(self, task_id: str) -> task_pb2.Task:
        if task_id not in self.tasks:
            raise NoTask(task_id)
        return self.tasks[task_id]


@dataclass
class FakeProcessor(processor_pb2_grpc.ProcessorServiceServicer):
    """Accepts whole submissions and remembers their parts; `refusal` is raised instead."""

    cache: FakeCache
    received: list[Mapping[int, bytes]] = field(default_factory=list)
    headers: list[processor_pb2.SubmitTaskHeader] = field(default_factory=list)
    orders: list[list[int]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    begun: int = 0
    keep_bytes: bool = True
    status: str = "PENDING"
    refusal: Exception | None = None

    async def SubmitTask(self, request_iterator: Any, _: Any) -> processor_pb2.SubmitTaskResponse:
        self.begun += 1
        upload = await uploads.receive(request_iterator, LIMITS)
        try:
            if self.refusal:
                raise self.refusal
            self.headers.append(upload.header)
            self.orders.append(list(upload.parts))
            self.sizes.append(sum(spool.size for spool in upload.parts.values()))
            if self.keep_bytes:
                self.received.append({n: spool.read() for n, spool in upload.parts.items()})
        finally:
            upload.close()
        task_id = self.cache.add(self.status)
        self.cache.answers[upload.header.key.SerializeToString()] = task_id
        return processor_pb2.SubmitTaskResponse(task=self.cache.tasks[task_id], queue_depth=3)

    async def ListPresets(self, request: Any, _: Any) -> processor_pb2.ListPresetsResponse:
        del request
        return processor_pb2.ListPresetsResponse(presets=[processor_pb2.Preset(name="zones27")])


@dataclass
class FakeOperations(operations_pb2_grpc.OperationsServiceServicer):
    """Tells what it is told to tell; `is_silent` makes it fail."""

    service: str
    dependencies: list[operations_pb2.Dependency] = field(default_factory=list)
    page: bytes = b"# HELP up_total Times.\n# TYPE up_total counter\nup_total 1.0\n"
    is_silent: bool = False

    async def GetInfo(self, request: Any, _: Any) -> operations_pb2.GetInfoResponse:
        del request
        self._answer()
        return operations_pb2.GetInfoResponse(
            service=self.service,
            version="9.9.9",
            healthy=all(d.healthy for d in self.dependencies),
            dependencies=self.dependencies,
        )

    async def GetMetrics(self, request: Any, _: Any) -> operations_pb2.GetMetricsResponse:
        del request
        self._answer()
        return operations_pb2.GetMetricsResponse(exposition=self.page)

    def _answer(self) -> None:
        if self.is_silent:
            raise Away
