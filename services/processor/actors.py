"""What workers run: `dramatiq services.processor.actors`."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

import cv2
import dramatiq

from services.processor import _multiprocess, jobs, page  # noqa: F401 - the first before the last
from services.processor.bounds import Bounds
from services.processor.broker import ACTOR, QUEUE, open_broker
from services.processor.counting import CountedTasks
from services.processor.leases import CacheTasks
from services.processor.middleware import Announcement, Ending, Ids
from services.processor.settings import WorkerSettings
from services.processor.spans import Spans, TracedTasks
from services.runtime import console
from services.runtime.channels import open_sync_channel

if TYPE_CHECKING:
    from services.processor.jobs import Tasks

settings = WorkerSettings.from_env(os.environ)
console.configure(settings.log)
cv2.setNumThreads(1)  # workers are the parallelism
broker = open_broker(settings.redis_url, settings.heartbeat)
broker.add_middleware(Announcement(settings.redis_url))
broker.add_middleware(Ids())
if settings.has_traces:
    broker.add_middleware(Spans())
broker.add_middleware(Bounds(memory_mb=settings.memory_mb, cpu_seconds=settings.cpu_seconds))
ending = Ending()
broker.add_middleware(ending)
if settings.page.is_enabled:
    broker.add_middleware(page.Page())
dramatiq.set_broker(broker)


@cache
def tasks() -> Tasks:
    """Return where this process gets its tasks: opened late, so never before a fork."""
    channel = open_sync_channel(settings.cache_address, settings.certificates)
    source: Tasks = CacheTasks(channel, settings.lease, ending.has_begun)
    if settings.page.is_enabled:
        source = CountedTasks(source)
    return TracedTasks(source) if settings.has_traces else source


@dramatiq.actor(
    actor_name=ACTOR,
    queue_name=QUEUE,
    max_retries=3,
    min_backoff=1000,
    max_backoff=30_000,
    time_limit=120_000,
)
def draw(task_id: str) -> None:
    """Draw one task and hand the result to the cache."""
    try:
        jobs.draw(task_id, tasks(), settings.limits)
    except jobs.Stopped as stopped:  # for another worker, at once
        raise dramatiq.Retry(delay=0) from stopped
