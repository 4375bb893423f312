"""What one task may take of a worker: memory, and time on a core.

Headers are checked before any pixel is decoded. What gets past that meets the kernel: beyond the
memory an allocation fails, which is an error of the task like others; beyond the time the process
ends, whatever it holds, and another worker takes the task, until its attempts are used up and it is
a failure.
"""

from __future__ import annotations

import resource
import signal
from typing import TYPE_CHECKING

import dramatiq

if TYPE_CHECKING:
    from dramatiq import Broker, Worker
    from dramatiq.broker import MessageProxy

MIB = 1024 * 1024


class Bounds(dramatiq.Middleware):
    """Bounds a process that draws one task at a time; a bound of zero is none."""

    def __init__(self, *, memory_mb: int, cpu_seconds: float) -> None:
        self._memory = memory_mb * MIB
        self._cpu_seconds = cpu_seconds

    def after_worker_boot(self, broker: Broker, worker: Worker) -> None:
        """Bound the process's address space."""
        del broker, worker
        if self._memory:
            _, most = resource.getrlimit(resource.RLIMIT_AS)
            bound = self._memory if most == resource.RLIM_INFINITY else min(self._memory, most)
            resource.setrlimit(resource.RLIMIT_AS, (bound, most))

    def before_process_message(self, broker: Broker, message: MessageProxy) -> None:
        """Begin to count: the kernel ends the process, even in code that never returns."""
        del broker, message
        signal.setitimer(signal.ITIMER_PROF, self._cpu_seconds)

    def after_process_message(
        self,
        broker: Broker,
        message: MessageProxy,
        *,
        result: object = None,
        exception: BaseException | None = None,
    ) -> None:
        """Stop counting."""
        del broker, message, result, exception
        signal.setitimer(signal.ITIMER_PROF, 0)

    after_skip_message = after_process_message
