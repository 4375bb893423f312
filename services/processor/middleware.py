"""What surrounds every message that a worker takes."""

from __future__ import annotations

import threading
from multiprocessing import current_process
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import dramatiq

from services import __version__
from services.runtime import console
from services.runtime.context import request_id, request_id_from, task_id

if TYPE_CHECKING:
    from dramatiq import Broker, Worker
    from dramatiq.broker import MessageProxy


class Ending(dramatiq.Middleware):
    """Knows whether the worker is told to end.

    Drawings look at it between their steps. An exception thrown into the thread would come
    anywhere, and between a task's grant and its keeper a lease would be lost.
    """

    def __init__(self) -> None:
        self.has_begun = threading.Event()

    def before_worker_shutdown(self, broker: Broker, worker: Worker) -> None:
        """Note it."""
        del broker, worker
        self.has_begun.set()


class Announcement(dramatiq.Middleware):
    """Says that the worker is up: the first of its processes does, for all of them."""

    def __init__(self, queue_url: str) -> None:
        self._address = without_password(queue_url)

    def after_worker_boot(self, broker: Broker, worker: Worker) -> None:
        """Say it."""
        del broker, worker
        if current_process().name.endswith("-1"):
            console.announce("worker", __version__, self._address)


def without_password(url: str) -> str:
    """Return an address as anybody may read it.

    >>> without_password("redis://me:secret@redis:6379/0?x=1")
    'redis://redis:6379/0'
    """
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=""))


class Ids(dramatiq.Middleware):
    """Binds the request id and the task id of a message for all that its worker logs and calls."""

    def before_process_message(self, broker: Broker, message: MessageProxy) -> None:
        """Bind them."""
        del broker
        request_id.set(request_id_from(message.options.get("request_id")))
        task_id.set(str(message.args[0]) if message.args else "")
