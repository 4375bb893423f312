"""The cache as a worker sees it: `jobs.Tasks` over gRPC, for threads."""

from __future__ import annotations

import hashlib
import io
import logging
import socket
import threading
import time
from contextlib import contextmanager
from os import getpid
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import grpc
from google.protobuf.duration_pb2 import Duration

from facesvg.v1 import cache_pb2 as pb
from facesvg.v1 import cache_pb2_grpc as rpc
from facesvg.v1 import task_pb2, upload_pb2
from services.processor import faults, masks
from services.processor.jobs import Job, LeaseLost, Stopped
from services.processor.translation import drawing_to_proto, options_from_proto, photo_from_proto
from services.runtime import again, uploads
from services.runtime.context import request_id
from services.runtime.sending import sender

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import timedelta

logger = logging.getLogger(__name__)

CACHE = pb.DESCRIPTOR.services_by_name["CacheService"]
Outcome = pb.OpenTaskHeader.Outcome

GONE = (grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.NOT_FOUND)
PASSING = (*again.ABSENT, grpc.StatusCode.DEADLINE_EXCEEDED)

REPORT_EVERY = 0.1
"""Seconds between two reports of progress: each is a write and a wake-up of watchers."""

MAX_REGIONS_BYTES = 3 * 1024 * 1024
"""The SVG travels in chunks, the regions in one message, which gRPC bounds at 4 MiB."""

STORE_TRIES = 6
"""A finished drawing is worth waiting for: 1 + 2 + 4 + 8 + 16 seconds."""


class Hold(NamedTuple):
    """What a task is held by, and whether the cache takes its drawing as a single message."""

    task_id: str
    token: str
    takes_one: bool


class CacheTasks:
    """Takes tasks from the cache, until the worker is told to end by `ending`."""

    def __init__(self, channel: grpc.Channel, lease: timedelta, ending: threading.Event) -> None:
        self._cache = rpc.CacheServiceStub(channel)
        self._complete = sender(channel, CACHE.methods_by_name["CompleteTask"])
        self._ending = ending
        self._lease = Duration()
        self._lease.FromTimedelta(lease)

    @contextmanager
    def lease(self, task_id: str) -> Iterator[CacheLease | None]:
        """Take a task with its inputs; None when another holds it, or it is final or erased."""
        if self._ending.is_set():
            raise Stopped
        request = pb.OpenTaskRequest(task_id=task_id, worker=worker_name(), lease=self._lease)
        try:
            header, parts = received(self._cache.OpenTask(request))
        except grpc.RpcError as error:
            if error.code() in (*GONE, grpc.StatusCode.DATA_LOSS):
                logger.info("task is gone", extra={"facts": {"status": error.code().name}})
                yield None
                return
            raise ConnectionError(f"the cache answered {error.code().name}") from error
        if header.outcome != Outcome.OUTCOME_GRANTED:
            yield None
            return
        job = Job(inputs_of(header, parts), options_from_proto(header.options), header.attempt)
        hold = Hold(task_id, header.lease_token, takes_one=bool(header.chunks))
        yield CacheLease(self._cache, self._complete, hold, job, self._ending)


class CacheLease:
    """A worker's hold on one task."""

    def __init__(
        self,
        cache: rpc.CacheServiceStub,
        complete: Callable[[Iterable[pb.CompleteTaskRequest]], object],
        hold: Hold,
        job: Job,
        ending: threading.Event,
    ) -> None:
        self.job = job
        self._cache = cache
        self._complete = complete
        self._task_id, self._token, self._takes_one = hold
        self._ending = ending
        self._report: grpc.Future[pb.ReportProgressResponse] | None = None
        self._reported_at = time.monotonic()  # opening was the first report

    def progress(self, step: str, fraction: float) -> None:
        """Report without waiting; learn from the report before whether the hold was lost.

        Raises `Stopped` once the worker is to end.
        """
        if self._ending.is_set():
            raise Stopped
        now = time.monotonic()
        if now - self._reported_at < REPORT_EVERY:
            return
        if self._report is not None and self._report.done():
            kept(self._report.exception())
        self._reported_at = now
        request = pb.ReportProgressRequest(
            task_id=self._task_id,
            lease_token=self._token,
            step=step,
            progress=round(100 * min(max(fraction, 0.0), 1.0)),
        )
        self._report = self._cache.ReportProgress.future(request, timeout=5)

    def complete(self, drawing: masks.Drawing) -> None:
        """Store the drawing, trying again while the cache is away."""
        svg = drawing.svg.encode()
        request = pb.CompleteTaskRequest(
            header=pb.CompleteTaskHeader(
                task_id=self._task_id,
                lease_token=self._token,
                svg_size_bytes=len(svg),
                svg_sha256=hashlib.sha256(svg).digest(),
            )
        )
        regions = request.header.drawing
        drawing_to_proto(drawing, regions)
        if regions.ByteSize() > MAX_REGIONS_BYTES:
            raise masks.DrawingTooLarge(
                f"the outlines of the regions take {regions.ByteSize()} bytes, "
                f"{MAX_REGIONS_BYTES} can be kept; choose a coarser trace or a greater min_area",
                found=regions.ByteSize(),
                limit_bytes=MAX_REGIONS_BYTES,
            )
        in_one = self._takes_one and uploads.are_few(len(svg))

        def messages() -> Iterable[pb.CompleteTaskRequest]:
            files: dict[int, BinaryIO] = {upload_pb2.PART_UNSPECIFIED: io.BytesIO(svg)}
            return uploads.messages(request, files, in_one=in_one)

        self._store(lambda: self._complete(messages()))

    def fail(self, error: masks.MaskError | None) -> None:
        """Store a failure; one of ours says nothing but the request to report."""
        told = (
            task_pb2.TaskError(type=faults.reason(error), message=str(error))
            if error
            else task_pb2.TaskError(
                type="INTERNAL", message=f"internal error, request_id={request_id.get()}"
            )
        )
        request = pb.FailTaskRequest(
            task_id=self._task_id,
            lease_token=self._token,
            error=told,
            deterministic=error is not None,
        )
        self._store(lambda: self._cache.FailTask(request))

    def release(self) -> None:
        """Give the task back; if that fails its lease runs out instead."""
        request = pb.ReleaseTaskRequest(task_id=self._task_id, lease_token=self._token)
        try:
            self._cache.ReleaseTask(request, timeout=2)
        except grpc.RpcError:
            logger.warning("task could not be given back", extra={"facts": {"task": self._task_id}})

    def _store(self, call: Callable[[], object]) -> None:
        """Call until the outcome is stored or the hold is lost."""
        if self._report is not None:
            self._report.cancel()
        for attempt in range(STORE_TRIES):
            try:
                call()
            except grpc.RpcError as error:
                kept(error)
                if error.code() not in PASSING or attempt == STORE_TRIES - 1:
                    raise ConnectionError(f"the cache answered {error.code().name}") from error
                if self._ending.wait(2**attempt):
                    raise ConnectionError("the worker ends before the cache is back") from error
            else:
                return


def kept(error: BaseException | None) -> None:
    """Raise `LeaseLost` if the error says that the task is no longer this worker's."""
    if isinstance(error, grpc.RpcError) and error.code() in GONE:
        raise LeaseLost(str(error.details()))


def received(
    stream: Iterator[pb.OpenTaskResponse],
) -> tuple[pb.OpenTaskHeader, dict[int, bytearray]]:
    """Return the header and the whole parts of an opened task.

    Raises ConnectionError for a stream that ended without `finish`.
    """
    header = pb.OpenTaskHeader()
    parts: dict[int, bytearray] = {}
    for message in stream:
        kind = message.WhichOneof("message")
        if kind == "header":
            header = message.header
            for chunk in header.chunks:
                parts.setdefault(chunk.part, bytearray()).extend(chunk.data)
            if parts or header.outcome != Outcome.OUTCOME_GRANTED:
                return header, parts
        elif kind == "chunk":
            parts.setdefault(message.chunk.part, bytearray()).extend(message.chunk.data)
        else:
            return header, parts
    raise ConnectionError("the cache ended a task's inputs early")


def inputs_of(header: pb.OpenTaskHeader, parts: Mapping[int, bytearray]) -> masks.Inputs:
    """Return what is to be drawn: of the photo maybe no more than what is known of it."""
    photo = photo_from_proto(header.photo) if header.HasField("photo") else None
    segmentation_map = parts.get(upload_pb2.PART_SEGMENTATION_MAP)
    return masks.Inputs(
        image=io.BytesIO(b"" if photo else parts[upload_pb2.PART_IMAGE]),
        landmarks=bytes(parts[upload_pb2.PART_LANDMARKS]),
        segmentation_map=None if segmentation_map is None else bytes(segmentation_map),
        photo=photo,
    )


def worker_name() -> str:
    """Return who this is: host, process and thread."""
    return f"{socket.gethostname()}/{getpid()}/{threading.get_ident()}"
