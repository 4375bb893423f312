"""Interceptors that wrap each method once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import grpc

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence


class Chain(grpc.aio.ServerInterceptor):
    """Runs every call within several interceptors, the first outermost.

    What they make of a method is kept: gRPC has each of them wrap it anew for each of its calls. So
    they wrap by the method alone, and look at a call once it is made. Of a method that nobody has
    nothing is kept, since there is no end of names.
    """

    def __init__(self, interceptors: Sequence[grpc.aio.ServerInterceptor]) -> None:
        self._interceptors = tuple(interceptors)
        self._wrapped: dict[str, Any] = {}

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Return the method's handler, wrapped."""
        method = handler_call_details.method
        if method in self._wrapped:
            return self._wrapped[method]
        handler = await continuation(handler_call_details)

        async def found(_: grpc.HandlerCallDetails) -> Any:
            return handler

        ask: Callable[[grpc.HandlerCallDetails], Awaitable[Any]] = found
        for interceptor in reversed(self._interceptors):
            ask = partial(interceptor.intercept_service, ask)
        wrapped = await ask(handler_call_details)
        if handler is not None:
            self._wrapped[method] = wrapped
        return wrapped
