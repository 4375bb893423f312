"""Interceptors for the four shapes of RPC: what comes before a call, what surrounds it."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import grpc

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    Context = grpc.aio.ServicerContext[Any, Any]


class Wrapper(grpc.aio.ServerInterceptor, ABC):
    """Wraps what every method does; knows the shapes that one can have, so that nobody else has to.

    `method` is `/package.Service/Method` throughout.
    """

    @abstractmethod
    def _unary(self, method: str, behaviour: Any) -> Any:
        """Return what answers once, wrapped."""

    @abstractmethod
    def _stream(self, method: str, behaviour: Any) -> Any:
        """Return what answers with a stream, wrapped."""

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Return the method's handler, wrapped."""
        handler = await continuation(handler_call_details)
        if handler is None:  # unknown method: gRPC answers UNIMPLEMENTED
            return None

        def wrapped(behaviour: Any) -> Any:
            # A method may also answer a stream by writing to its context, as the health service
            # does.
            wrap = self._stream if inspect.isasyncgenfunction(behaviour) else self._unary
            return wrap(handler_call_details.method, behaviour)

        return replaced(handler, wrapped)


class Before(Wrapper):
    """Does something before every call, which an exception of it ends."""

    @abstractmethod
    def before(self, method: str, context: Context) -> None:
        """Do it."""

    def _unary(self, method: str, behaviour: Any) -> Any:
        async def call(request: Any, context: Context) -> Any:
            self.before(method, context)
            return await behaviour(request, context)

        return call

    def _stream(self, method: str, behaviour: Any) -> Any:
        async def call(request: Any, context: Context) -> AsyncIterator[Any]:
            self.before(method, context)
            async for message in behaviour(request, context):
                yield message

        return call


class Around(Wrapper):
    """Runs every call inside an async context manager; an exception of it passes through."""

    @abstractmethod
    def around(self, method: str, context: Context) -> AbstractAsyncContextManager[None]:
        """Return what one call runs in."""

    def _unary(self, method: str, behaviour: Any) -> Any:
        async def call(request: Any, context: Context) -> Any:
            async with self.around(method, context):
                return await behaviour(request, context)

        return call

    def _stream(self, method: str, behaviour: Any) -> Any:
        async def call(request: Any, context: Context) -> AsyncIterator[Any]:
            async with self.around(method, context):
                async for message in behaviour(request, context):
                    yield message

        return call


def replaced(handler: Any, wrap: Callable[[Any], Any]) -> Any:
    """Return a method's handler with what it does wrapped, whichever shape it has."""
    sending = "stream" if handler.request_streaming else "unary"
    answering = "stream" if handler.response_streaming else "unary"
    shape = f"{sending}_{answering}"
    return handler._replace(**{shape: wrap(getattr(handler, shape))})
