"""Makes what a worker does for a message a span, and each step of the drawing one of its own."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import dramatiq

from services.processor.broker import QUEUE, SPAN
from services.runtime import tracing
from services.runtime.context import request_id, task_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dramatiq import Broker, Worker
    from dramatiq.broker import MessageProxy

    from services.processor.jobs import Lease, Tasks
    from services.processor.masks import Drawing, MaskError
    from services.runtime.tracing import Span


class Spans(dramatiq.Middleware):
    """Makes what is done for a message a span of the call that brought its task."""

    def __init__(self) -> None:
        self._under_way: dict[str, tracing.Span] = {}

    def after_process_boot(self, broker: Broker) -> None:
        """Begin only now: this process forks no more."""
        del broker
        tracing.begin("worker")

    def before_process_message(self, broker: Broker, message: MessageProxy) -> None:
        """Begin the span of whatever the worker does, after the ids are bound."""
        del broker
        headers = {tracing.TRACEPARENT: str(message.options.get(tracing.TRACEPARENT, ""))}
        told = {**SPAN, tracing.REQUEST_ID: request_id.get(), tracing.TASK_ID: task_id.get()}
        span = tracing.enter(f"process {QUEUE}", tracing.CONSUMER, headers, told)
        self._under_way[message.message_id] = span

    def after_process_message(
        self,
        broker: Broker,
        message: MessageProxy,
        *,
        result: object = None,
        exception: BaseException | None = None,
    ) -> None:
        """End it."""
        del broker, result
        tracing.leave()
        span = self._under_way.pop(message.message_id, None)
        if span is not None:
            span.end(type(exception).__name__ if exception else "")

    after_skip_message = after_process_message

    def after_worker_shutdown(self, broker: Broker, worker: Worker) -> None:
        """Send what is left."""
        del broker, worker
        tracing.end()


class TracedTasks:
    """Tasks as another source has them, traced."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks

    @contextmanager
    def lease(self, task_id: str) -> Iterator[Lease | None]:
        """Take a task; None when another holds it or it is final."""
        with self._tasks.lease(task_id) as lease:
            if lease is None:
                yield None
                return
            traced = TracedLease(lease)
            try:
                yield traced
            finally:
                traced.end_step()


class TracedLease:
    """A hold as another has it, traced."""

    def __init__(self, lease: Lease) -> None:
        self.job = lease.job
        self._lease = lease
        self._step: Span | None = None

    def progress(self, step: str, fraction: float) -> None:
        """End the step before, and begin this one."""
        self.end_step()
        self._lease.progress(step, fraction)
        self._step = tracing.child(step)

    def complete(self, drawing: Drawing) -> None:
        """End the last step, and store."""
        self.end_step()
        self._lease.complete(drawing)

    def fail(self, error: MaskError | None) -> None:
        """End the step that failed, and store why."""
        self.end_step(type(error).__name__ if error else "INTERNAL")
        self._lease.fail(error)

    def release(self) -> None:
        """Give back."""
        self._lease.release()

    def end_step(self, trouble: str = "") -> None:
        """End the step under way, if there is one."""
        if self._step is not None:
            self._step.end(trouble)
            self._step = None
