"""Takes messages that are due and sends them, a few at a time, for as long as the service runs."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from services.gateway import metrics
from services.gateway.webhooks.posting import Reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.gateway.webhooks.pauses import Pauses
    from services.gateway.webhooks.posting import Poster

logger = logging.getLogger(__name__)

AT_ONCE = 16
"""Messages under way of one gateway: each is a connection, and a slow receiver holds one."""

SECONDS = re.compile("[0-9]{1,6}")

SPARE = timedelta(seconds=10)
"""What a message is taken for beyond the time that sending may take: to be reported on."""


@dataclass(frozen=True)
class Message:
    """What is to be sent: `attempt` counts from 1."""

    delivery_id: str
    task_id: str
    url: str
    attempt: int
    body: bytes


@dataclass(frozen=True)
class Verdict:
    """What became of a message; `retry_after` is None where it is not sent again."""

    reply: Reply
    retry_after: timedelta | None

    @property
    def outcome(self) -> str:
        """The word for it."""
        if self.reply.is_taken:
            return "delivered"
        return "failed" if self.retry_after is None else "retried"


class Outbox(Protocol):
    """Where messages wait. Both raise ConnectionError when it does not answer."""

    async def take(self, limit: int, lease: timedelta) -> Sequence[Message]:
        """Return messages that nobody else gets until the lease is over."""

    async def report(self, message: Message, verdict: Verdict) -> None:
        """Tell what became of one."""


@dataclass
class Courier:
    """Any number of gateways may have one: they share the messages."""

    outbox: Outbox
    poster: Poster
    pauses: Pauses
    every: timedelta = timedelta(seconds=1)
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)
    _ending: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Look for messages and send them, until told to end."""
        while not self._ending.is_set():
            try:
                await self._look()
            except ConnectionError:
                logger.info("webhooks wait for the cache")
            except Exception:
                logger.exception("looking for webhooks broke")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), self.every.total_seconds())
        if self._under_way:
            await asyncio.wait(self._under_way)

    def end(self) -> None:
        """Let what is under way be the last."""
        self._ending.set()

    async def _look(self) -> None:
        """Send what is due, as many at once as there is room for, until nothing is left."""
        while not self._ending.is_set():
            room = AT_ONCE - len(self._under_way)
            taken = await self.outbox.take(room, self.poster.timeout + SPARE) if room else ()
            for message in taken:
                sending = asyncio.create_task(self._deliver(message))
                self._under_way.add(sending)
                sending.add_done_callback(self._under_way.discard)
            if len(taken) < room:
                return
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)

    async def _deliver(self, message: Message) -> None:
        began = time.perf_counter()
        verdict = self._judge(message, await self._reply(message))
        metrics.webhooks.labels(verdict.outcome).inc()
        facts = {
            "outcome": verdict.outcome,
            "delivery_id": message.delivery_id,
            "task_id": message.task_id,
            "attempt": message.attempt,
            "status": verdict.reply.status,
            "ms": round((time.perf_counter() - began) * 1000, 1),
        }
        logger.info("webhook called", extra={"facts": facts})
        try:
            await self.outbox.report(message, verdict)
        except ConnectionError:
            # It is sent once more when its lease is over: receivers are told that this happens.
            logger.warning("webhook could not be reported on", extra={"facts": facts})

    async def _reply(self, message: Message) -> Reply:
        try:
            return await self.poster.post(message.url, message.delivery_id, message.body)
        except Exception:
            # Reported like others: else the message would come back for ever, each time its lease
            # is over.
            logger.exception("calling a webhook broke")
            return Reply(error="internal error")

    def _judge(self, message: Message, reply: Reply) -> Verdict:
        if reply.is_taken or reply.is_final:
            return Verdict(reply, None)
        return Verdict(reply, self.pauses.after(message.attempt, asked(reply.retry_after)))


def asked(retry_after: str) -> timedelta:
    """Return what a receiver asks for in seconds; nothing where it says it otherwise.

    >>> asked("120"), asked("Sat, 28 Nov 2026 08:00:00 GMT")
    (datetime.timedelta(seconds=120), datetime.timedelta(0))
    """
    return timedelta(seconds=int(retry_after) if SECONDS.fullmatch(retry_after) else 0)
