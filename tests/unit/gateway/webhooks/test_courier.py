"""Messages that are due are sent, a few at a time, and reported on."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from services.gateway.webhooks.courier import AT_ONCE, Courier, Message, Verdict
from services.gateway.webhooks.pauses import Pauses
from services.gateway.webhooks.posting import Reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

TAKEN = Reply(204)
BROKEN = Reply(500, "answered 500")


def message(number: int = 0, attempt: int = 1) -> Message:
    return Message(f"d{number}", "t", "https://example.com/", attempt, b"{}")


@dataclass
class FakeOutbox:
    """Hands out what it has; `absences` is how often it does not answer before."""

    due: deque[Message] = field(default_factory=deque)
    verdicts: asyncio.Queue[tuple[Message, Verdict]] = field(default_factory=asyncio.Queue)
    leases: asyncio.Queue[timedelta] = field(default_factory=asyncio.Queue)
    absences: int = 0

    async def take(self, limit: int, lease: timedelta) -> Sequence[Message]:
        if self.absences:
            self.absences -= 1
            raise ConnectionError
        self.leases.put_nowait(lease)
        return [self.due.popleft() for _ in range(min(limit, len(self.due)))]

    async def report(self, message: Message, verdict: Verdict) -> None:
        await self.verdicts.put((message, verdict))


@dataclass
class FakePoster:
    """Replies the same to all, as many at once as there are, once it may."""

    reply: Reply = TAKEN
    timeout: timedelta = timedelta(seconds=1)
    may: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    under_way: int = 0
    most: int = 0

    async def post(self, url: str, message_id: str, body: bytes) -> Reply:
        del url, body
        self.begun.put_nowait(message_id)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await self.may.wait()
        self.under_way -= 1
        return self.reply


@asynccontextmanager
async def running(outbox: FakeOutbox, poster: FakePoster) -> AsyncIterator[Courier]:
    pauses = Pauses(spread=lambda low, high: (low + high) / 2)
    courier = Courier(outbox, poster, pauses, timedelta(milliseconds=1))  # type: ignore[arg-type]
    work = asyncio.create_task(courier.run())
    try:
        yield courier
    finally:
        courier.end()
        await work


def verdict_on(reply: Reply, attempt: int = 1) -> Verdict:
    async def deliver() -> Verdict:
        outbox, poster = FakeOutbox(deque([message(attempt=attempt)])), FakePoster(reply)
        poster.may.set()
        async with running(outbox, poster):
            return (await outbox.verdicts.get())[1]

    return asyncio.run(deliver())


@pytest.mark.parametrize(
    ("reply", "attempt", "outcome", "pause"),
    [
        (TAKEN, 1, "delivered", None),
        (BROKEN, 1, "retried", 10),
        (BROKEN, 3, "retried", 160),
        (BROKEN, 8, "failed", None),
        (Reply(410, "answered 410"), 1, "failed", None),
        (Reply(None, "no answer"), 1, "retried", 10),
        (Reply(429, "answered 429", "33"), 1, "retried", 33),
        (Reply(503, "answered 503", "9" * 30), 1, "retried", 10),
        (Reply(503, "answered 503", "Sat, 28 Nov 2026 08:00:00 GMT"), 1, "retried", 10),
    ],
)
def test_what_becomes_of_a_message(
    reply: Reply, attempt: int, outcome: str, pause: float | None
) -> None:
    verdict = verdict_on(reply, attempt)

    assert verdict.outcome == outcome
    assert verdict.retry_after == (timedelta(seconds=pause) if pause else None)


def test_a_mistake_of_ours_is_reported_like_others() -> None:
    class Broken(FakePoster):
        async def post(self, url: str, message_id: str, body: bytes) -> Reply:
            raise ZeroDivisionError(url, message_id, body)

    async def deliver() -> Verdict:
        outbox = FakeOutbox(deque([message()]))
        async with running(outbox, Broken()):
            return (await outbox.verdicts.get())[1]

    verdict = asyncio.run(deliver())
    assert (verdict.outcome, verdict.reply.error) == ("retried", "internal error")


def test_no_more_than_so_many_are_under_way_and_all_are_sent() -> None:
    async def deliver() -> tuple[int, int]:
        outbox = FakeOutbox(deque(message(number) for number in range(3 * AT_ONCE)))
        poster = FakePoster()
        async with running(outbox, poster):
            for _ in range(AT_ONCE):
                await poster.begun.get()
            poster.may.set()
            sent = {(await outbox.verdicts.get())[0].delivery_id for _ in range(3 * AT_ONCE)}
        return poster.most, len(sent)

    assert asyncio.run(deliver()) == (AT_ONCE, 3 * AT_ONCE)


def test_what_is_under_way_at_the_end_is_still_reported_on() -> None:
    async def deliver() -> int:
        outbox, poster = FakeOutbox(deque([message()])), FakePoster()
        async with running(outbox, poster) as courier:
            await poster.begun.get()
            courier.end()
            poster.may.set()
        return outbox.verdicts.qsize()

    assert asyncio.run(deliver()) == 1


def test_an_outbox_that_is_away_is_asked_again() -> None:
    async def deliver() -> Verdict:
        outbox, poster = FakeOutbox(deque([message()]), absences=3), FakePoster()
        poster.may.set()
        async with running(outbox, poster):
            return (await outbox.verdicts.get())[1]

    assert asyncio.run(deliver()).outcome == "delivered"


def test_a_message_is_taken_for_longer_than_sending_may_take() -> None:
    async def look() -> timedelta:
        outbox, poster = FakeOutbox(), FakePoster()
        async with running(outbox, poster):
            return await outbox.leases.get()

    assert asyncio.run(look()) > FakePoster.timeout
