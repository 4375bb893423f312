"""What the client does, call by call, without knowing how a call is made."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from google.protobuf.json_format import ParseDict

from facesvg.v1 import cache_pb2, gateway_pb2, processor_pb2, task_pb2
from facesvg_client import faults, nouns, reading
from facesvg_client.errors import FacesvgError, NotFound, ServiceError, TaskCancelled, Unavailable
from facesvg_client.nouns import Status
from facesvg_client.steps import Ask, Flow, Next, Open, Pause, Send, Step, Tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from facesvg_client.inputs import Order
    from facesvg_client.policy import Deadline, Retry

T = TypeVar("T")

SUBMITTED = reading.reader(nouns.Submitted)
SUMMARY = reading.reader(nouns.TaskSummary)
PRESET = reading.reader(nouns.Preset)

UNARY_SECONDS = 10.0
"""What the door gives a unary call."""
UPLOAD_SECONDS = 60.0
"""What it gives an upload, and a drawing on its way down."""
KEY = "idempotency-key"
"""The metadata that names a submission."""
PAGE = 100
"""Tasks on one page of a list."""


@dataclass(frozen=True)
class Flows:
    """The flows of one call: until when, and with how much patience."""

    retry: Retry
    deadline: Deadline

    def draw(self, order: Order, *, lookup: bool) -> Flow[nouns.Drawing]:
        """Submit, tell of every change, and return the drawing.

        A drawing that was erased between the answer and the look at it is drawn again, once.
        """
        try:
            return (yield from self._draw(order, lookup=lookup))
        except (NotFound, ServiceError) as error:
            if error.reason not in {"TASK_NOT_FOUND", "DATA_LOSS"}:
                raise
        return (yield from self._draw(order, lookup=False))

    def submit(self, order: Order, *, lookup: bool, key: str = "") -> Flow[nouns.Submitted]:
        """Ask whether it is drawn already, and upload it if it is not.

        Every attempt of the upload has the same idempotency key, so that one whose answer was lost
        is answered with its own task, whatever has become of that.
        """
        if lookup and order.can_be_looked_up:
            try:
                return (yield from self.ask("FindByInputs", order.description(), SUBMITTED))
            except NotFound:
                pass
            except FacesvgError as error:
                if error.code != "UNIMPLEMENTED":  # as an older service answers
                    raise
        named = ((KEY, key or str(uuid4())),)
        answer = yield from self._insist(
            lambda seconds: Send("Submit", order.messages, seconds, named), UPLOAD_SECONDS
        )
        return SUBMITTED(answer)

    def watch(self, task_id: str, read_mask: Iterable[str] = ()) -> Flow[nouns.Task]:
        """Tell of every change of a task and return its end, however often the watch is cut off."""
        mask = reading.mask(read_mask)
        request = cache_pb2.WatchTaskRequest(task_id=task_id, read_mask=mask)
        last: nouns.Task | None = None
        attempt = 0
        while True:
            error: FacesvgError = Unavailable("the watch ended before the task did")
            try:
                stream = yield Open("WatchTask", request, self.deadline.left(None))
                while (message := (yield Next(stream))) is not None:
                    attempt = 0
                    task = reading.task(message)
                    if task != last:
                        yield Tell(task)
                    last = task
                    if task.status.is_final:
                        return task
            except FacesvgError as failure:
                error = failure
            attempt += 1
            yield from self._pause(attempt, error)

    def svg(self, task_id: str) -> Flow[str]:
        """Return the document of a finished task, whole."""
        request = gateway_pb2.GetSvgRequest(task_id=task_id)
        for attempt in count(1):
            try:
                stream = yield Open("GetSvg", request, self.deadline.left(UPLOAD_SECONDS))
                pieces = []
                while (piece := (yield Next(stream))) is not None:
                    pieces.append(piece.data)
            except FacesvgError as failure:
                yield from self._pause(attempt, failure)
            else:
                return b"".join(pieces).decode()
        raise AssertionError

    def delete(self, task_id: str) -> Flow[None]:
        """Erase a task. Where an answer was lost, a task that is gone was erased."""
        request = cache_pb2.DeleteTaskRequest(task_id=task_id)
        for attempt in count(1):
            try:
                yield Ask("DeleteTask", request, self.deadline.left(UNARY_SECONDS))
            except NotFound:
                if attempt == 1:
                    raise
            except FacesvgError as failure:
                yield from self._pause(attempt, failure)
                continue
            return

    def recent(self, limit: int) -> Flow[list[nouns.TaskSummary]]:
        """Return the newest tasks."""
        body = yield from self.ask(
            "ListRecent", gateway_pb2.ListRecentRequest(limit=limit), lambda answer: answer.data
        )
        return [SUMMARY(ParseDict(item, task_pb2.TaskSummary())) for item in json.loads(body)]

    def tasks(self) -> Flow[None]:
        """Tell of every task, newest first, page by page as they are wanted."""
        token = ""
        while True:
            request = cache_pb2.ListTasksRequest(page_size=PAGE, page_token=token)
            page = yield from self.ask("ListTasks", request, lambda answer: answer)
            for task in page.tasks:
                yield Tell(SUMMARY(task))
            token = page.next_page_token
            if not token:
                return

    def regions(self) -> Flow[tuple[nouns.Preset, ...]]:
        """Return the presets, the default first."""
        return (
            yield from self.ask(
                "ListRegions",
                processor_pb2.ListPresetsRequest(),
                lambda answer: tuple(map(PRESET, answer.presets)),
            )
        )

    def ask(self, method: str, request: Any, read: Callable[[Any], T]) -> Flow[T]:
        """Return what one request is answered, asked again where that may help."""
        answer = yield from self._insist(
            lambda seconds: Ask(method, request, seconds), UNARY_SECONDS
        )
        return read(answer)

    def _draw(self, order: Order, *, lookup: bool) -> Flow[nouns.Drawing]:
        submitted = yield from self.submit(order, lookup=lookup)
        if submitted.status.is_final:
            request = gateway_pb2.GetStatusRequest(task_id=submitted.task_id)
            task = yield from self.ask("GetStatus", request, reading.task)
            yield Tell(task)
        else:
            task = yield from self.watch(submitted.task_id)
        return (yield from self._drawing(task, submitted))

    def _drawing(self, task: nouns.Task, submitted: nouns.Submitted) -> Flow[nouns.Drawing]:
        if task.error is not None:
            raise faults.task_failed(task.task_id, task.error)
        if task.status is Status.CANCELLED or task.result is None:
            raise TaskCancelled(
                f"the task {task.task_id} was cancelled",
                reason="TASK_CANCELLED",
                metadata={"task_id": task.task_id},
            )
        svg = task.result.svg or (yield from self.svg(task.task_id))
        return replace(
            task.result,
            svg=svg,
            cache_match=submitted.cache_match,
            similarity_distance=submitted.similarity_distance,
        )

    def _insist(self, step: Callable[[float | None], Step], most: float) -> Flow[Any]:
        for attempt in count(1):
            try:
                return (yield step(self.deadline.left(most)))
            except FacesvgError as error:
                yield from self._pause(attempt, error)
        raise AssertionError

    def _pause(self, attempt: int, error: FacesvgError) -> Flow[None]:
        """Wait before the next attempt, or raise the error of the last one."""
        pause = self.retry.pause(attempt, error)
        if pause is None or not self.deadline.allows(pause):
            raise self.deadline.meaning(error)
        yield Pause(pause)
