"""A Redis broker whose idle workers sleep until there is something to do.

Dramatiq's own look every so often: the less often, the longer a task waits, and the more often, the
more an idle suite costs. Here whoever puts a message into a queue rings its bell, a short list that
idle consumers wait at, one woken by each ring; and a consumer that has all that it may prefetch
waits for its worker to be done. A ring that is lost costs what it cost before: the time between two
looks, which is the worker's timeout.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING, Any

import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.common import dq_name
from dramatiq.errors import ConnectionClosed

if TYPE_CHECKING:
    from dramatiq import Message, MessageProxy

RINGS = 16
"""Rings that are kept for consumers to come; one for nothing costs a look."""


class BellBroker(RedisBroker):
    """Rings on every message that may be taken at once."""

    @property
    def consumer_class(self) -> type:
        """Consumers that wait for the bell."""
        return consumers(super().consumer_class)

    def bell(self, queue_name: str) -> str:
        """Return the key of a queue's bell."""
        return f"{self.namespace}:{queue_name}.bell"

    def enqueue(self, message: Message[Any], *, delay: int | None = None) -> Message[Any]:
        """Enqueue a message and ring."""
        enqueued = super().enqueue(message, delay=delay)
        if delay is None:
            bell = self.bell(message.queue_name)
            with self.client.pipeline(transaction=False) as pipeline:
                pipeline.lpush(bell, "1")
                pipeline.ltrim(bell, 0, RINGS - 1)
                pipeline.execute()
        return enqueued


@cache
def consumers(kind: type) -> type:
    """Return Dramatiq's own consumers, made to wait for the bell; it keeps their name private."""

    class BellConsumer(kind):  # type: ignore[misc]
        """Takes messages as they come."""

        def __init__(
            self, broker: BellBroker, queue_name: str, prefetch: int, timeout: int
        ) -> None:
            is_delayed = queue_name == dq_name(queue_name)
            # What is delayed comes in its own time. Else only what waits here is waited for.
            super().__init__(broker, queue_name, prefetch, timeout if is_delayed else 0)
            self._seconds = 0 if is_delayed else timeout / 1000
            self._has_room = threading.Event()

        def __next__(self) -> MessageProxy | None:
            """Return a message, or None after a while without one."""
            self._has_room.clear()
            message: MessageProxy | None = super().__next__()
            if message is None and self._seconds:
                self._wait()
            return message

        def ack(self, message: MessageProxy) -> None:
            """Be rid of a message that is done."""
            super().ack(message)
            self._has_room.set()

        def nack(self, message: MessageProxy) -> None:
            """Be rid of a message that failed."""
            super().nack(message)
            self._has_room.set()

        def _wait(self) -> None:
            if self.outstanding_message_count >= self.prefetch:
                self._has_room.wait(self._seconds)
                return
            try:
                self.broker.client.blpop([self.broker.bell(self.queue_name)], self._seconds)
            except redis.ConnectionError as error:
                raise ConnectionClosed(error) from None  # type: ignore[no-untyped-call]

    return BellConsumer
