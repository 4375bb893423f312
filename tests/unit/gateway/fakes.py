"""Peers of the use cases, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from services.gateway.drawings import Svg
from services.gateway.submissions import Begun, Ticket
from services.gateway.tickets import Erasures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services.gateway.submissions import Submission

SUBMITTED = datetime(2026, 1, 1, 12, tzinfo=UTC)


def ticket(status: str = "PENDING", **more: object) -> Ticket:
    facts = {"task_id": "t", "input_hash": "ab" * 32, "submitted_at": SUBMITTED, **more}
    return Ticket(status=status, **facts)  # type: ignore[arg-type] # names of the test


@dataclass
class FakeCache:
    """Knows at most one finished task."""

    finished: Ticket | None = None

    async def find(self, submission: Submission) -> Ticket | None:
        del submission
        return self.finished

    async def find_hash(self, input_hash: str) -> Ticket | None:
        return self.finished if self.finished and self.finished.input_hash == input_hash else None


@dataclass
class FakeProcessor:
    """Accepts everything."""

    answer: Begun = field(default_factory=lambda: Begun(ticket(), is_hit=False, queue_depth=4))
    submitted: list[Submission] = field(default_factory=list)

    async def submit(self, submission: Submission) -> Begun:
        self.submitted.append(submission)
        return self.answer


@dataclass
class FakeForesight:
    """Expects the same of everything, and remembers what it was told."""

    expected: bool = True
    learned: list[bool] = field(default_factory=list)

    def expects(self, submission: Submission) -> bool:
        del submission
        return self.expected

    def learn(self, submission: Submission, *, is_hit: bool) -> None:
        del submission
        self.learned.append(is_hit)


@dataclass
class FakeLog:
    """Knows of no erasures, or of those it is told of, by the question that they came before."""

    erased: dict[int, list[str]] = field(default_factory=dict)
    cursors: list[str] = field(default_factory=list)
    is_away: bool = False
    forgets: bool = False

    async def erasures(self, cursor: str) -> Erasures:
        self.cursors.append(cursor)
        if self.is_away:
            raise ConnectionError
        number = len(self.cursors)
        are_all = self.forgets or not cursor
        return Erasures(str(number), self.erased.get(number, []), are_all, good_for=0.2)


@dataclass
class FakeTasks:
    """Ends every task as it is told; None never ends it."""

    end: Ticket | None = None

    async def final(self, task_id: str) -> Ticket:
        del task_id
        if self.end is None:
            raise TimeoutError
        return self.end

    async def svg(self, task_id: str) -> Svg:
        async def pieces() -> AsyncIterator[bytes]:
            yield task_id.encode()

        return Svg(1, b"digest", pieces())
