"""From the records of the core to the contract's answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from google.protobuf.timestamp_pb2 import Timestamp

from facesvg.v1 import cache_pb2, mask_pb2, task_pb2, upload_pb2, webhook_pb2
from services.cache import freshness
from services.cache.beginning import Outcome
from services.cache.leases import Grant
from services.cache.policy import MIB
from services.cache.records import Status
from services.cache.requests import EVERY_FIELD
from services.runtime import options, uploads

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from uuid import UUID

    from services.cache.erasures import Erased
    from services.cache.leases import Opened
    from services.cache.policy import Policy
    from services.cache.records import Delivery, DueDelivery, Result, Source, Statistics, Task
    from services.runtime.context import Origin

BESIDE = frozenset(("svg", "processing_time_ms", "cache_hits"))
"""Fields of a drawing that are not in its record."""

ROUTES = "/api/v1/frontal/crop"

GRANTS = {
    Grant.GRANTED: cache_pb2.OpenTaskHeader.OUTCOME_GRANTED,
    Grant.HELD: cache_pb2.OpenTaskHeader.OUTCOME_HELD,
    Grant.FINAL: cache_pb2.OpenTaskHeader.OUTCOME_FINAL,
}

OUTCOMES = {
    Outcome.HIT: cache_pb2.BeginTaskResponse.OUTCOME_HIT,
    Outcome.OWNER: cache_pb2.BeginTaskResponse.OUTCOME_OWNER,
    Outcome.FOLLOWER: cache_pb2.BeginTaskResponse.OUTCOME_FOLLOWER,
}


def task_of(
    task: Task, result: Result | None = None, deliveries: Sequence[Delivery] = ()
) -> task_pb2.Task:
    """Return a task, with its drawing and its messages where they are at hand."""
    return write_task(task_pb2.Task(), task, result, deliveries)


def write_task(
    message: task_pb2.Task,
    task: Task,
    result: Result | None = None,
    deliveries: Sequence[Delivery] = (),
    wanted: AbstractSet[str] = EVERY_FIELD,
) -> task_pb2.Task:
    """Write what `task_of` returns into an empty message: many points are slow to copy.

    Of the drawing only the fields that are wanted.
    """
    is_drawn = task.status is Status.SUCCESS
    few = task_pb2.Task(
        task_id=str(task.task_id),
        status=task.status.value,
        progress=task.progress,
        step=task.step,
        error=task_pb2.TaskError(type=task.failure.type, message=task.failure.message)
        if task.failure
        else None,
        submitted_at=timestamp(task.submitted_at),
        started_at=timestamp(task.started_at),
        completed_at=timestamp(task.completed_at),
        expires_at=timestamp(task.expires_at),
        processing_time_ms=task.processing_time_ms,
        input_hash=task.input_hash,
        attempt=task.attempt,
        svg_url=f"{ROUTES}/svg/{task.task_id}" if is_drawn else None,
        deliveries=map(delivery_of, deliveries),
    )
    message.MergeFrom(few)
    if result:
        write_drawing(message.result, task, result, wanted)
    return message


def found(input_hash: str, task: Task | None) -> cache_pb2.FindResultResponse:
    """Return what a lookup is answered."""
    if task is None:
        return cache_pb2.FindResultResponse(input_hash=input_hash)
    return cache_pb2.FindResultResponse(
        input_hash=input_hash,
        task=task_of(task),
        good_for_ms=milliseconds(freshness.good_for(task)),
        kept_for_ms=milliseconds(freshness.kept_for(task)),
    )


def erased(found: Erased) -> cache_pb2.ListErasuresResponse:
    """Return what is an answer no more."""
    return cache_pb2.ListErasuresResponse(
        cursor=found.cursor,
        task_ids=map(str, found.task_ids),
        all_erased=found.are_all,
        good_for_ms=milliseconds(freshness.GOOD_FOR),
    )


def delivery_of(delivery: Delivery) -> task_pb2.Delivery:
    """Return what became of a message; of its URL only the host, the rest may be a secret."""
    return task_pb2.Delivery(
        delivery_id=str(delivery.delivery_id),
        host=urlsplit(delivery.url).hostname or "",
        state=delivery.state,
        attempts=delivery.attempts,
        http_status=delivery.http_status,
        error=delivery.error,
        next_attempt_at=timestamp(delivery.due_at),
        ended_at=timestamp(delivery.ended_at),
    )


def due_of(due: DueDelivery) -> cache_pb2.DueDelivery:
    """Return a message to be sent."""
    return cache_pb2.DueDelivery(
        delivery_id=str(due.delivery_id),
        callback_url=due.url,
        attempt=due.attempt,
        event=event_of(due.task_id, due.facts),
    )


def event_of(task_id: UUID, facts: Mapping[str, Any]) -> webhook_pb2.WebhookEvent:
    """Return what is told of a task that has ended."""
    status, completed = facts["status"], timestamp(datetime.fromisoformat(facts["completed_at"]))
    told = {"type": facts["error_type"], "message": facts["error_message"]}
    task = webhook_pb2.WebhookTask(
        task_id=str(task_id),
        status=status,
        input_hash=facts["input_hash"],
        submitted_at=timestamp(datetime.fromisoformat(facts["submitted_at"])),
        completed_at=completed,
        processing_time_ms=facts["processing_time_ms"],
        regions_detected=facts["regions_detected"],
        error=task_pb2.TaskError(**told) if told["type"] is not None else None,
        status_url=f"{ROUTES}/status/{task_id}",
        svg_url=f"{ROUTES}/svg/{task_id}" if status == Status.SUCCESS else None,
    )
    return webhook_pb2.WebhookEvent(type=f"task.{status.lower()}", timestamp=completed, data=task)


def write_drawing(
    message: mask_pb2.Drawing, task: Task, result: Result, wanted: AbstractSet[str]
) -> None:
    """Write what is wanted of a stored drawing, with what the cache knows of it.

    Its record, which has all points of all regions, is read only where that is asked for.
    """
    if not wanted <= BESIDE:
        message.MergeFromString(result.record)
    message.svg = result.svg or b""
    message.processing_time_ms = task.processing_time_ms
    message.cache_hits = task.cache_hits
    for name in EVERY_FIELD - wanted:
        message.ClearField(name)  # type: ignore[arg-type] # they are its own


def summary_of(task: Task) -> task_pb2.TaskSummary:
    """Return one line of a list."""
    return task_pb2.TaskSummary(
        task_id=str(task.task_id),
        status=task.status.value,
        input_hash=task.input_hash,
        submitted_at=timestamp(task.submitted_at),
        completed_at=timestamp(task.completed_at),
        processing_time_ms=task.processing_time_ms,
        cache_hits=task.cache_hits,
        regions_detected=task.regions_detected,
        error_type=task.failure.type if task.failure else "",
    )


def stats_of(found: Statistics, policy: Policy) -> cache_pb2.CacheStats:
    """Return the statistics."""
    total = found.hits + found.misses
    return cache_pb2.CacheStats(
        days=found.days,
        total_requests=total,
        cache_hits=found.hits,
        cache_misses=found.misses,
        hit_ratio=found.hits / total if total else 0,
        tasks_by_status=found.tasks_by_status,
        average_processing_time_ms=found.average_processing_ms,
        max_processing_time_ms=found.max_processing_ms,
        cached_entries=found.cached_entries,
        size_mb=found.held_bytes / MIB,
        max_size_mb=policy.max_bytes / MIB,
        ttl_hours=policy.result_ttl / timedelta(hours=1),
        pending_tasks=found.pending,
        oldest_pending_seconds=found.oldest_pending_seconds,
        since=timestamp(found.since),
    )


def part_info(part: int, source: Source) -> upload_pb2.PartInfo:
    """Return what a header says of a part."""
    known = cast("upload_pb2.Part.ValueType", part)
    return upload_pb2.PartInfo(part=known, size_bytes=source.size, sha256=source.digest)


def stranded_of(taken: Mapping[UUID, Origin]) -> cache_pb2.TakeStrandedResponse:
    """Return tasks to enqueue again and what brought them."""
    return cache_pb2.TakeStrandedResponse(
        task_ids=map(str, taken),
        origins={
            str(task_id): cache_pb2.Origin(
                request_id=origin.request_id, traceparent=origin.traceparent
            )
            for task_id, origin in taken.items()
        },
    )


def opening(opened: Opened) -> Iterator[cache_pb2.OpenTaskResponse]:
    """Yield the answer to a worker: a header and, when it is granted, the inputs."""
    task = opened.task
    header = cache_pb2.OpenTaskHeader(outcome=GRANTS[opened.grant], attempt=task.attempt)
    if opened.grant is not Grant.GRANTED:
        yield cache_pb2.OpenTaskResponse(header=header)
        return
    header.lease_token = str(task.lease_token)
    header.options.CopyFrom(options.parse(mask_pb2.DrawOptions, task.options))
    if task.photo is not None:
        header.photo.ParseFromString(task.photo)
    header.parts.extend(part_info(part, source) for part, source in opened.inputs.items())
    files = {part: source.file for part, source in opened.inputs.items()}
    few = uploads.are_few(sum(source.size for source in opened.inputs.values()))
    yield from uploads.messages(cache_pb2.OpenTaskResponse(header=header), files, in_one=few)


def svg(source: Source) -> Iterator[cache_pb2.ReadSvgResponse]:
    """Yield an SVG: a header, then its bytes."""
    header = cache_pb2.SvgHeader(
        size_bytes=source.size,
        sha256=source.digest,
        good_for_ms=milliseconds(freshness.GOOD_FOR),
    )
    yield cache_pb2.ReadSvgResponse(header=header)
    while data := source.file.read(uploads.CHUNK_BYTES):
        yield cache_pb2.ReadSvgResponse(data=data)


def milliseconds(span: timedelta) -> int:
    """Return a time span for a message, never longer than it is."""
    return int(span / timedelta(milliseconds=1))


def timestamp(when: datetime | None) -> Timestamp | None:
    """Return a time for a message."""
    if when is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(when)
    return stamp
