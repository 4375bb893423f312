"""Messages that cannot be read: gRPC itself would end the call as INTERNAL, without a reason."""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import grpc
from google.protobuf.message import DecodeError

from services.runtime.around import replaced

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Context = grpc.aio.ServicerContext[Any, Any]


class Unreadable(bytes):
    """What came instead of a message."""

    __slots__ = ()


class UnreadableMessage(ValueError):
    """A message is not of the method's kind."""

    def __init__(self, method: str) -> None:
        super().__init__(
            f"the request is no message that {method} takes: expected protobuf, and texts in UTF-8"
        )
        self.facts = {"method": method}


class UnreadableMessages(grpc.aio.ServerInterceptor):
    """Lets a message that cannot be read become an error like any other.

    Stands within what turns exceptions into statuses.
    """

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Return the method's handler, which raises `UnreadableMessage` for such a message."""
        handler = await continuation(handler_call_details)
        if handler is None or handler.request_deserializer is None:
            return handler
        method = handler_call_details.method
        lenient = handler._replace(request_deserializer=partial(read, handler.request_deserializer))

        def wrapped(behaviour: Any) -> Any:
            wrap = streamed if inspect.isasyncgenfunction(behaviour) else single
            return wrap(method, behaviour)

        return replaced(lenient, wrapped)


def read(deserialize: Callable[[bytes], Any], data: bytes) -> Any:
    """Return the message that bytes are, or that they are `Unreadable`."""
    try:
        return deserialize(data)
    except DecodeError:
        return Unreadable(data)


def single(method: str, behaviour: Any) -> Any:
    """Return a method that answers once, wrapped."""

    async def call(request: Any, context: Context) -> Any:
        return await behaviour(readable(method, request), context)

    return call


def streamed(method: str, behaviour: Any) -> Any:
    """Return a method that answers with a stream, wrapped."""

    async def call(request: Any, context: Context) -> AsyncIterator[Any]:
        async for message in behaviour(readable(method, request), context):
            yield message

    return call


def readable(method: str, request: Any) -> Any:
    """Return a request, or a stream that raises where a message is none; raise where it is none."""
    if hasattr(request, "__aiter__"):
        return Readable(method, request)
    if isinstance(request, Unreadable):
        raise UnreadableMessage(method)
    return request


class Readable:
    """The messages of a stream; no generator, since nobody would close one that is left."""

    def __init__(self, method: str, requests: AsyncIterator[Any]) -> None:
        self._method = method
        self._requests = requests

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        """Return the next message."""
        request = await anext(self._requests)
        if isinstance(request, Unreadable):
            raise UnreadableMessage(self._method)
        return request
