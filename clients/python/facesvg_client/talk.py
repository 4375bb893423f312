"""A flow on its way over a channel: the same for threads and for an event loop."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import grpc

from facesvg_client import faults
from facesvg_client.steps import Done, Next, Open, Pause, Send, Tell

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from facesvg_client.steps import Ask, Flow, Progress, Step

T = TypeVar("T")


class Talk(Generic[T]):
    """One flow. Whoever begins it closes it."""

    def __init__(self, stub: Any, metadata: Sequence[tuple[str, str]], flow: Flow[T]) -> None:
        self._stub = stub
        self._metadata = tuple(metadata)
        self._flow = flow
        self._streams: list[Any] = []

    def close(self) -> None:
        """End what is still open."""
        self._flow.close()
        for stream in self._streams:
            stream.cancel()

    def _next(self, answer: Any, failure: grpc.RpcError | None) -> Step | Done[T]:
        """Return what the flow asks for, now that it is told how its last step went."""
        try:
            if failure is None:
                return self._flow.send(answer)
            return self._flow.throw(faults.error_of(failure))
        except StopIteration as end:
            return Done(end.value)

    def _call(self, step: Ask | Send | Open) -> Any:
        """Make a call."""
        method = getattr(self._stub, step.method)
        if isinstance(step, Send):
            metadata = (*self._metadata, *step.metadata)
            return method(step.requests(), timeout=step.timeout, metadata=metadata)
        call = method(step.request, timeout=step.timeout, metadata=self._metadata)
        if isinstance(step, Open):
            self._streams.append(call)
        return call


class ThreadTalk(Talk[T]):
    """A flow that blocks its thread."""

    def result(self, progress: Progress | None = None) -> T:
        """Return what the flow returns; `progress` is shown what it tells on the way."""
        try:
            while not isinstance(event := self._advance(), Done):
                if progress:
                    progress(event.what)
            return event.value
        finally:
            self.close()

    def told(self) -> Iterator[Any]:
        """Yield what the flow tells."""
        try:
            while not isinstance(event := self._advance(), Done):
                yield event.what
        finally:
            self.close()

    def _advance(self) -> Tell | Done[T]:
        step = self._next(None, None)
        while not isinstance(step, Tell | Done):
            try:
                answer = self._perform(step)
            except grpc.RpcError as failure:
                step = self._next(None, failure)
            else:
                step = self._next(answer, None)
        return step

    def _perform(self, step: Ask | Send | Open | Next | Pause) -> Any:
        if isinstance(step, Pause):
            return time.sleep(step.seconds)
        if isinstance(step, Next):
            return next(step.stream, None)
        return self._call(step)


class LoopTalk(Talk[T]):
    """A flow that lets its event loop go on."""

    async def result(self, progress: Progress | None = None) -> T:
        """Return what the flow returns; `progress` is shown what it tells on the way."""
        try:
            while not isinstance(event := await self._advance(), Done):
                if progress:
                    progress(event.what)
            return event.value
        finally:
            self.close()

    async def told(self) -> AsyncIterator[Any]:
        """Yield what the flow tells."""
        try:
            while not isinstance(event := await self._advance(), Done):
                yield event.what
        finally:
            self.close()

    async def _advance(self) -> Tell | Done[T]:
        step = self._next(None, None)
        while not isinstance(step, Tell | Done):
            try:
                answer = await self._perform(step)
            except grpc.RpcError as failure:
                step = self._next(None, failure)
            else:
                step = self._next(answer, None)
        return step

    async def _perform(self, step: Ask | Send | Open | Next | Pause) -> Any:
        if isinstance(step, Pause):
            return await asyncio.sleep(step.seconds)
        if isinstance(step, Next):
            message = await step.stream.read()
            return None if message is grpc.aio.EOF else message
        call = self._call(step)
        return call if isinstance(step, Open) else await call
