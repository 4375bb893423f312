"""The queue: Dramatiq on Redis, which carries task ids and nothing else."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING

import redis
from dramatiq import Message
from dramatiq.errors import BrokerError
from dramatiq.middleware import AgeLimit, Pipelines, Retries, ShutdownNotifications, TimeLimit

from services.processor.bell import BellBroker
from services.runtime import tracing

if TYPE_CHECKING:
    from datetime import timedelta

    from dramatiq.brokers.redis import RedisBroker

    from services.runtime.context import Origin

QUEUE = "masks"
ACTOR = "draw"

SPAN = {"messaging.system": "redis", "messaging.destination.name": QUEUE}

MAINTENANCE_CHANCE = 100_000
"""In a million commands; with the default of 1000, an idle queue leaves a dead worker's tasks lying
for minutes.
"""

REDIS_SECONDS = 2.0


def open_broker(url: str, heartbeat: timedelta) -> RedisBroker:
    """Return a broker; tasks of a worker that was silent for `heartbeat` go to others."""
    return BellBroker(  # type: ignore[no-untyped-call] # dramatiq leaves its arguments untyped
        url=url,
        heartbeat_timeout=round(heartbeat.total_seconds() * 1000),
        maintenance_chance=MAINTENANCE_CHANCE,
        middleware=[AgeLimit(), TimeLimit(), ShutdownNotifications(), Pipelines(), Retries()],
        socket_connect_timeout=REDIS_SECONDS,
        socket_timeout=REDIS_SECONDS,
    )


class RedisQueue:
    """Where the accepting service puts task ids: `intake.Queue`."""

    def __init__(self, broker: RedisBroker) -> None:
        self._broker = broker
        broker.declare_queue(QUEUE)

    async def put(self, task_id: str, origin: Origin | None = None) -> None:
        """Queue a task that a call brought, the one under way or an earlier one.

        Raises ConnectionError when Redis does not take it.
        """
        with tracing.span(f"send {QUEUE}", tracing.PRODUCER, {**SPAN, tracing.TASK_ID: task_id}):
            told = origin or tracing.origin()
            message: Message[None] = Message(
                queue_name=QUEUE,
                actor_name=ACTOR,
                args=(task_id,),
                kwargs={},
                options={name: value for name, value in asdict(told).items() if value},
            )
            try:
                await asyncio.to_thread(self._broker.enqueue, message)
            except (redis.RedisError, BrokerError) as error:
                raise ConnectionError(str(error)) from error

    async def version(self) -> str:
        """Return the version of Redis; raises ConnectionError when it does not answer."""
        try:
            info = await asyncio.to_thread(self._broker.client.info, "server")
        except redis.RedisError as error:
            raise ConnectionError(str(error)) from error
        return str(info["redis_version"])
