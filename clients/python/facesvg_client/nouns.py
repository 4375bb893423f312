"""What the client returns: frozen, typed, named as in the contract (`facesvg/v1/*.proto`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from datetime import datetime


class Status(StrEnum):
    """How far a task is."""

    PENDING = "PENDING"
    PROGRESS = "PROGRESS"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    CANCELLED = "CANCELLED"

    @property
    def is_final(self) -> bool:
        """Whether the task will not change any more."""
        return self in {Status.SUCCESS, Status.FAILURE, Status.CANCELLED}


class Match(StrEnum):
    """What in the cache answered."""

    NONE = ""
    EXACT = "EXACT"
    SIMILAR = "SIMILAR"


@dataclass(frozen=True)
class Point:
    """A place in the drawing, in pixels; y downwards."""

    x: float
    y: float


@dataclass(frozen=True)
class Box:
    """An upright rectangle in the drawing, in pixels."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Ring:
    """One closed outline; the last point joins the first."""

    points: tuple[Point, ...]
    hole: bool


@dataclass(frozen=True)
class Region:
    """One region of a face. Without geometry where a preset lists it."""

    id: int
    name: str
    side: str
    viewer_side: str
    source: str
    extrapolated: bool
    bbox: Box | None
    area: float
    centroid: Point | None
    rings: tuple[Ring, ...]
    color: str
    element_id: str
    label: int | None = None


@dataclass(frozen=True)
class Drawing:
    """A finished drawing. `svg` is the document's text; times are in milliseconds."""

    task_id: str
    input_hash: str
    svg: str = field(repr=False)
    regions: tuple[Region, ...] = field(repr=False)
    warnings: tuple[str, ...]
    width: float
    height: float
    image_width: int
    image_height: int
    landmarks_count: int
    transform: tuple[float, ...]
    scheme: str
    units: str
    label_scheme: str
    processing_time_ms: int
    cache_hits: int
    cache_match: Match = Match.NONE
    similarity_distance: int | None = None

    @property
    def cache_hit(self) -> bool:
        """Whether the submission was answered from the cache."""
        return self.cache_match is not Match.NONE

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the SVG; a reader sees the file whole or not at all."""
        target = Path(path)
        unfinished = target.with_name(f".{target.name}.{self.task_id}.part")
        try:
            unfinished.write_text(self.svg, encoding="utf-8")
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
        return target


@dataclass(frozen=True)
class TaskError:
    """Why a task failed: a name of `ErrorReason`, and a sentence."""

    type: str
    message: str


@dataclass(frozen=True)
class Delivery:
    """One `callback_url` that is told of a task's end.

    `state` is `WAITING` for that end, `PENDING` until `next_attempt_at`, `DELIVERED` or `FAILED`;
    `http_status` is what the host answered last, None if it never did.
    """

    delivery_id: str
    host: str
    state: str
    attempts: int
    error: str
    http_status: int | None = None
    next_attempt_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Task:
    """One photo's way to its drawing."""

    task_id: str
    status: Status
    progress: int
    step: str
    input_hash: str
    attempt: int
    processing_time_ms: int
    submitted_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    expires_at: datetime | None = None
    svg_url: str | None = None
    error: TaskError | None = None
    deliveries: tuple[Delivery, ...] = ()
    result: Drawing | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Submitted:
    """What a submission is answered."""

    task_id: str
    status: Status
    message: str
    input_hash: str
    cache_hit: bool
    cache_match: Match
    submitted_at: datetime | None = None
    estimated_completion_time: datetime | None = None
    similarity_distance: int | None = None


@dataclass(frozen=True)
class TaskSummary:
    """One line of a list of tasks."""

    task_id: str
    status: Status
    input_hash: str
    processing_time_ms: int
    cache_hits: int
    regions_detected: int
    error_type: str
    submitted_at: datetime | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True)
class CacheStats:
    """What the cache did in the last `days`."""

    days: int
    total_requests: int
    cache_hits: int
    cache_misses: int
    hit_ratio: float
    tasks_by_status: Mapping[str, int]
    average_processing_time_ms: float
    max_processing_time_ms: float
    cached_entries: int
    size_mb: float
    max_size_mb: float
    ttl_hours: float
    pending_tasks: int
    oldest_pending_seconds: float
    since: datetime | None = None


@dataclass(frozen=True)
class Preset:
    """A named set of regions."""

    name: str
    description: str
    regions: tuple[Region, ...]


@dataclass(frozen=True)
class ServiceHealth:
    """The state of one service."""

    service: str
    healthy: bool
    version: str
    dependencies: Mapping[str, str]


@dataclass(frozen=True)
class Health:
    """The state of the suite."""

    status: str
    version: str
    services: tuple[ServiceHealth, ...]
    timestamp: datetime | None = None
