"""What travels between the layers: tasks, their inputs, their drawings."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, BinaryIO

from services.runtime.context import Origin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta
    from uuid import UUID

    from services.cache.likeness import Likeness
    from services.cache.repeats import RepeatKey


class Status(StrEnum):
    """Where a task is on its way; the last three are final."""

    PENDING = "PENDING"
    PROGRESS = "PROGRESS"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    CANCELLED = "CANCELLED"

    @property
    def is_final(self) -> bool:
        """Whether nothing follows."""
        return self in FINAL


FINAL = frozenset({Status.SUCCESS, Status.FAILURE, Status.CANCELLED})


@dataclass(frozen=True)
class Failure:
    """Why a task failed; a deterministic failure will come again for the same inputs."""

    type: str
    message: str
    deterministic: bool


@dataclass(frozen=True)
class Stored:
    """A drawing as the row of its task has it, unchecked."""

    record: bytes
    svg: bytes


@dataclass(frozen=True)
class Task:
    """A task as the database had it at `read_at`, by the database's clock."""

    task_id: UUID
    input_hash: str
    status: Status
    submitted_at: datetime
    read_at: datetime
    tenant: str = ""
    progress: int = 0
    step: str = ""
    attempt: int = 0
    options: Mapping[str, str] = field(default_factory=dict)
    failure: Failure | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    expires_at: datetime | None = None
    processing_time_ms: int = 0
    cache_hits: int = 0
    regions_detected: int = 0
    svg_sha256: bytes = b""
    lease_token: UUID | None = None
    lease_until: datetime | None = None
    photo: bytes | None = None
    has_deliveries: bool = False
    stored: Stored | None = None
    """The drawing, where it was read with the task."""

    @property
    def is_expired(self) -> bool:
        """Whether the record's time was over when it was read."""
        return self.expires_at is not None and self.expires_at <= self.read_at

    @property
    def is_held(self) -> bool:
        """Whether a worker's lease was running when the record was read."""
        return self.lease_until is not None and self.lease_until > self.read_at

    @property
    def is_answer(self) -> bool:
        """Whether it answers submissions of its key: drawn, or bound to fail again."""
        known = self.status is Status.SUCCESS or (
            self.failure is not None and self.failure.deterministic
        )
        return known and not self.is_expired


@dataclass(frozen=True)
class Delivery:
    """A URL that is told of a task's end: `WAITING`, `PENDING`, `DELIVERED` or `FAILED`."""

    delivery_id: UUID
    url: str
    state: str
    attempts: int
    http_status: int | None
    error: str
    due_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class DueDelivery:
    """A message to be sent now; `facts` is what is told of the task, as JSON has it."""

    delivery_id: UUID
    task_id: UUID
    url: str
    attempt: int
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Attempt:
    """What became of an attempt at a message; `retry_after` is None where it was the last."""

    number: int
    is_delivered: bool
    retry_after: timedelta | None
    http_status: int | None
    error: str

    @property
    def state(self) -> str:
        """What the message is from now on."""
        if self.is_delivered:
            return "DELIVERED"
        return "FAILED" if self.retry_after is None else "PENDING"


@dataclass(frozen=True)
class Source:
    """Bytes on their way in or out, read from the start of `file`; the receiver closes it."""

    digest: bytes
    size: int
    file: BinaryIO


@dataclass(frozen=True)
class Submission:
    """A task to begin. `inputs` are by part number; who makes a submission closes them.

    `similarity` is how many bits of a hash may differ in a photo whose drawing will do; 0 is never.
    `repeat` is what the client calls it, if it does, and `callback_url` whom to tell of its end.
    `photo` is what the processor knows of a photo that is not among the inputs, opaque here.
    """

    task_id: UUID
    input_hash: str
    options: Mapping[str, str]
    inputs: Mapping[int, Source]
    image_width: int
    image_height: int
    landmarks_count: int
    tenant: str = ""
    likeness: Likeness | None = None
    similarity: int = 0
    origin: Origin = field(default_factory=Origin)
    repeat: RepeatKey | None = None
    photo: bytes | None = None
    callback_url: str = ""


@dataclass(frozen=True)
class Drawing:
    """A drawing to store: `record` is what the door reads back, `summary` what people read."""

    record: bytes
    summary: Mapping[str, object]
    regions_detected: int
    svg: Source


@dataclass(frozen=True)
class Result:
    """A stored drawing; without `svg` where that is too large to come along."""

    record: bytes
    svg: bytes | None


@dataclass(frozen=True)
class Statistics:
    """What the cache did in the last `days`, and what it holds now."""

    days: int
    hits: int
    misses: int
    tasks_by_status: Mapping[str, int]
    average_processing_ms: float
    max_processing_ms: float
    cached_entries: int
    held_bytes: int
    pending: int
    oldest_pending_seconds: float
    since: datetime | None


@dataclass(frozen=True)
class Page:
    """Some tasks of a list; `next_token` is empty on the last page."""

    tasks: Sequence[Task]
    next_token: str


@dataclass(frozen=True)
class Swept:
    """What a cleanup erased."""

    expired: int = 0
    evicted: int = 0
    freed_bytes: int = 0
