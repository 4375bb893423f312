"""Submitting a photo: answered from the cache where it can be, passed on where not."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from services.gateway.pace import Pace

SUCCESS = "SUCCESS"
FAILURE = "FAILURE"
CANCELLED = "CANCELLED"
FINAL = frozenset({SUCCESS, FAILURE, CANCELLED})

EXACT = "EXACT"
SIMILAR = "SIMILAR"


class Part(Protocol):
    """The bytes of one part."""

    @property
    def size(self) -> int:
        """Length in bytes."""

    @property
    def digest(self) -> bytes:
        """SHA-256, 32 bytes."""

    @property
    def file(self) -> BinaryIO:
        """The bytes, to be read from the start."""


@dataclass(frozen=True)
class Submission:
    """A photo to be drawn. `options` are canonical: text by name, without defaults.

    `idempotency_key` is what the client calls it, if it does: the same again is the same task.
    """

    options: Mapping[str, str]
    image: Part
    landmarks: Part
    segmentation_map: Part | None = None
    idempotency_key: str = ""

    @property
    def is_noted(self) -> bool:
        """Whether the cache has more to do for it than to answer: to name it, to tell somebody."""
        return bool(self.idempotency_key or self.options.get("callback_url"))


@dataclass(frozen=True)
class Trouble:
    """Why a task failed: a name of `ErrorReason`, a sentence, and whether the inputs were wrong."""

    reason: str
    message: str
    is_clients: bool


@dataclass(frozen=True)
class Ticket:
    """What a submission needs to know of a task."""

    task_id: str
    status: str
    input_hash: str
    submitted_at: datetime
    completed_at: datetime | None = None
    processing_ms: int = 0
    trouble: Trouble | None = None
    good_for: float = 0.0
    """Seconds, from before it was asked for, that an answer of the cache may be repeated."""
    kept_for: float = 0.0
    """The same of an answer that nothing erases."""
    svg: bytes | None = None
    """The drawing, where it came along."""

    @property
    def is_final(self) -> bool:
        """Whether the task will not change any more."""
        return self.status in FINAL


@dataclass(frozen=True)
class Begun:
    """What the processor made of a submission.

    `distance` is how many bits of the photos' hashes differ where the drawing is another photo's.
    """

    ticket: Ticket
    is_hit: bool
    queue_depth: int
    distance: int | None = None


@dataclass(frozen=True)
class Answer:
    """What a submission is answered with."""

    ticket: Ticket
    is_hit: bool
    message: str
    estimated_completion: datetime
    distance: int | None = None

    @property
    def match(self) -> str:
        """What in the cache answered, as the contract names it; empty for nothing."""
        if not self.is_hit:
            return ""
        return EXACT if self.distance is None else SIMILAR


class ResultNotFound(LookupError):
    """There is no finished drawing for an input hash."""

    def __init__(self, input_hash: str) -> None:
        super().__init__(f"there is no finished drawing for {input_hash}; submit the photo")
        self.facts = {"input_hash": input_hash}


class NotDrawn(LookupError):
    """There is no finished drawing of some inputs."""

    def __init__(self) -> None:
        super().__init__("there is no finished drawing of these inputs; submit them")


class NotTaken(Exception):
    """The processor did not take a submission; whether it is drawn already was not looked at."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Cache(Protocol):
    """Where finished drawings are found."""

    async def find(self, submission: Submission) -> Ticket | None:
        """Return the final task that answers a submission, if there is one.

        One that was sent before is answered with its own task, final or not.
        """

    async def find_hash(self, input_hash: str) -> Ticket | None:
        """Return the final task with this key, if there is one."""


class Processor(Protocol):
    """Who checks, stores and queues."""

    async def submit(self, submission: Submission) -> Begun:
        """Send a submission on; returns once the task cannot be lost.

        One that is drawn already, or under way, is found to be. Raises `NotTaken` where it is wrong
        or nobody is there.
        """


class Foresight(Protocol):
    """Who guesses which submissions are drawn already."""

    def expects(self, submission: Submission) -> bool:
        """Return whether the cache may well answer a submission."""

    def learn(self, submission: Submission, *, is_hit: bool) -> None:
        """Take into account what a submission was answered with."""


@dataclass(frozen=True)
class Submissions:
    """Answers submissions."""

    cache: Cache
    processor: Processor
    pace: Pace
    foresight: Foresight
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def submit(self, submission: Submission) -> Answer:
        """Return the task that will have the drawing, or has it already."""
        answer = await self._answered(submission)
        self.foresight.learn(submission, is_hit=answer.is_hit)
        return answer

    async def _answered(self, submission: Submission) -> Answer:
        is_asked = self.foresight.expects(submission)
        if is_asked and (found := await self.cache.find(submission)):
            return self._found(found)
        try:
            return await self._begun(submission)
        except NotTaken as refused:
            # What is drawn already needs no processor.
            if not is_asked and (found := await self.cache.find(submission)):
                return self._found(found)
            raise refused.reason from None

    async def _begun(self, submission: Submission) -> Answer:
        begun = await self.processor.submit(submission)
        answer = self._answer(begun.ticket, is_hit=begun.is_hit, queue_depth=begun.queue_depth)
        return replace(answer, distance=begun.distance)

    async def lookup(self, input_hash: str) -> Answer:
        """Return what a submission with this key would be answered; raises `ResultNotFound`."""
        found = await self.cache.find_hash(input_hash)
        if not found:
            raise ResultNotFound(input_hash)
        return self._answer(found, is_hit=True)

    async def seek(self, submission: Submission) -> Answer:
        """Return what the cache alone answers a submission; raises `NotDrawn`."""
        found = await self.cache.find(submission)
        if not found:
            raise NotDrawn
        return self._answer(found, is_hit=True)

    def _found(self, ticket: Ticket) -> Answer:
        return self._answer(ticket, is_hit=ticket.is_final)

    def _answer(self, ticket: Ticket, *, is_hit: bool, queue_depth: int = 0) -> Answer:
        done = ticket.completed_at or self.now() + self.pace.until_drawn(queue_depth)
        return Answer(ticket, is_hit, message(ticket), done)


def message(ticket: Ticket) -> str:
    """Return what a person is told of a task."""
    if ticket.trouble:
        told = "This photo cannot be drawn" if ticket.trouble.is_clients else "The drawing failed"
        return f"{told}: {ticket.trouble.message}"
    return {
        SUCCESS: "The drawing is ready.",
        "PROGRESS": "The photo is being drawn.",
        CANCELLED: "The task was cancelled.",
    }.get(ticket.status, "The photo is accepted and waits to be drawn.")
