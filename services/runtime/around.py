"""One interceptor for the four shapes of RPC."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import grpc

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager


class Around(grpc.aio.ServerInterceptor, ABC):
    """Runs every RPC inside an async context manager.

    Subclasses say what surrounds a call; this class knows the four shapes that a gRPC method can
    have, so that no subclass has to. An exception of the method passes through the manager.
    """

    @abstractmethod
    def around(
        self, method: str, context: grpc.aio.ServicerContext[Any, Any]
    ) -> AbstractAsyncContextManager[None]:
        """Return what one call of `method` (`/package.Service/Method`) runs in."""

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

    def _unary(self, method: str, behaviour: Any) -> Any:
        async def call(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
            async with self.around(method, context):
                return await behaviour(request, context)

        return call

    def _stream(self, method: str, behaviour: Any) -> Any:
        async def call(
            request: Any, context: grpc.aio.ServicerContext[Any, Any]
        ) -> AsyncIterator[Any]:
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
