"""Ends the calls of a service that is told to stop, each with its reason."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, aclosing
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from services.runtime.around import Around

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import grpc

LASTING = ("Watch", "FindResults")
"""Beginnings of methods' names that last as long as their caller likes."""

END = object()

RETRY_AFTER = 1.0
"""Seconds until a service that was told to stop is there again, or another in its place."""


_ends: ContextVar[set[asyncio.Task[Any]]] = ContextVar("ends")


class GoingAway(Exception):
    """The service stops before the call is done."""

    retry_after = RETRY_AFTER

    def __init__(self) -> None:
        super().__init__("the service is being restarted; send the request again")


class Draining(Around):
    """Knows the calls under way, and ends them.

    gRPC would cancel what is left when its time is over, and a client would learn no reason.
    """

    def __init__(self) -> None:
        self._calls: dict[asyncio.Task[Any], str] = {}
        self._told: set[asyncio.Task[Any]] = set()
        self._has_begun = False
        self._is_over = False

    def around(
        self, method: str, context: grpc.aio.ServicerContext[Any, Any]
    ) -> AbstractAsyncContextManager[None]:
        """Turn the end of the service into a status."""
        del context
        if self._is_over or (self._has_begun and lasts(method)):
            raise GoingAway
        return Ending(method, self._calls, self._told)

    def _stream(self, method: str, behaviour: Any) -> Any:
        async def call(
            request: Any, context: grpc.aio.ServicerContext[Any, Any]
        ) -> AsyncIterator[Any]:
            async with aclosing(behaviour(request, context)) as messages:
                while True:
                    # Message by message: cancelled while gRPC sends one, the call would end
                    # without a word.
                    async with self.around(method, context):
                        message = await anext(messages, END)
                    if message is END:
                        return
                    yield message

        return call

    def begin(self) -> None:
        """End what would last, and begin no more of it."""
        self._has_begun = True
        self._end(lasting_alone=True)

    def finish(self) -> None:
        """End every call."""
        self._is_over = True
        self._end(lasting_alone=False)

    def _end(self, *, lasting_alone: bool) -> None:
        for task, method in self._calls.items():
            if lasts(method) or not lasting_alone:
                self._told.add(task)
                task.cancel()


class Ending(AbstractAsyncContextManager[None]):
    """A call that may be ended while it lasts."""

    def __init__(
        self, method: str, calls: dict[asyncio.Task[Any], str], told: set[asyncio.Task[Any]]
    ) -> None:
        self._method = method
        self._calls = calls
        self._told = told

    async def __aenter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._calls[task] = self._method
        _ends.set(self._told)

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._calls.pop(self._task, None)
        if self._task in self._told:
            self._told.discard(self._task)
            if kind is not None and issubclass(kind, asyncio.CancelledError):
                self._task.uncancel()
                raise GoingAway from None


def is_ending() -> bool:
    """Return whether it is the service that ends the call under way, and not its caller."""
    return asyncio.current_task() in _ends.get(())


def lasts(method: str) -> bool:
    """Return whether a method goes on until its caller has enough.

    >>> lasts("/facesvg.v1.CacheService/WatchTask"), lasts("/facesvg.v1.CacheService/FindResults")
    (True, True)
    >>> lasts("/facesvg.v1.CacheService/FindResult")
    False
    """
    return method.rpartition("/")[2].startswith(LASTING)
