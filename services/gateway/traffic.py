"""Counts requests as clients make them: by verb and route, whatever the transport."""

from __future__ import annotations

import time
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any

import grpc
from google.api import annotations_pb2

from facesvg.v1 import gateway_pb2
from services.gateway import metrics
from services.runtime.around import replaced
from services.runtime.headers import headers
from services.runtime.interceptors import status_name
from services.runtime.metrics import OTHER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Context = grpc.aio.ServicerContext[Any, Any]

SERVICE = gateway_pb2.DESCRIPTOR.services_by_name["GatewayService"]
FROM_REST = "x-envoy-original-path"
"""Only the door sets it: what comes without is native gRPC, or gRPC-Web."""
NATIVE = "GRPC"
CARRIERS = ("form", "chunk")
"""Fields of messages that hold a piece of something, as `data`."""

HTTP = {
    "OK": "200",
    "CANCELLED": "499",
    "INVALID_ARGUMENT": "400",
    "DEADLINE_EXCEEDED": "504",
    "NOT_FOUND": "404",
    "ALREADY_EXISTS": "409",
    "PERMISSION_DENIED": "403",
    "RESOURCE_EXHAUSTED": "429",
    "FAILED_PRECONDITION": "400",
    "ABORTED": "409",
    "OUT_OF_RANGE": "400",
    "UNIMPLEMENTED": "501",
    "UNAVAILABLE": "503",
    "UNAUTHENTICATED": "401",
}
"""As the door translates statuses; all others are 500."""


BULK = 4096
"""Bytes from which on a message is weighed by what it carries alone."""


def routes() -> dict[str, tuple[str, str]]:
    """Return verb and path of each method `/package.Service/Method` that REST has."""
    found = {}
    for method in SERVICE.methods:
        rule = method.GetOptions().Extensions[annotations_pb2.http]
        verb = rule.WhichOneof("pattern")
        if verb:
            found[f"/{SERVICE.full_name}/{method.name}"] = (verb.upper(), getattr(rule, verb))
    return found


ROUTES = routes()
SUBMIT = f"/{SERVICE.full_name}/SubmitForm"
METHODS = frozenset(f"/{SERVICE.full_name}/{method.name}" for method in SERVICE.methods)


class Traffic(grpc.aio.ServerInterceptor):
    """Counts, times and weighs every request to the gateway's own methods.

    What ends well is there from the start, at 0; times and sizes are of one route alone, so that
    there are their names.
    """

    def __init__(self) -> None:
        for method in METHODS:
            metrics.requests.labels(NATIVE, method, "OK")
        for verb, endpoint in ROUTES.values():
            metrics.requests.labels(verb, endpoint, HTTP["OK"])
        verb, endpoint = ROUTES[SUBMIT]
        metrics.request_seconds.labels(verb, endpoint)
        metrics.request_bytes.labels(endpoint)
        metrics.response_bytes.labels(endpoint)

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Return the method's handler, wrapped; others' as they are."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or method not in METHODS:
            return handler
        wrap = partial(streamed if handler.response_streaming else single, method)
        read = weighing(handler.request_deserializer)
        return replaced(handler, wrap)._replace(request_deserializer=read)


class Received:
    """How much a call has sent so far; its first message may be read before it begins."""

    def __init__(self) -> None:
        self.size = 0

    def add(self, size: int) -> None:
        """Count what a message took."""
        self.size += size
        metrics.upload_bytes.inc(size)


_received: ContextVar[Received | None] = ContextVar("received", default=None)


def received() -> Received:
    """Return what the call under way has sent; gRPC gives every call a task of its own."""
    known = _received.get()
    if known is None:
        known = Received()
        _received.set(known)
    return known


def weighing(read: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """Return what reads a message and counts its bytes: a message is written to be weighed."""

    def weighed(data: bytes) -> Any:
        message = read(data)
        received().add(len(data))
        return message

    return weighed


class Request:
    """One request: what it sent and was answered so far."""

    def __init__(self, method: str, context: Context) -> None:
        self.sent = 0
        self._context = context
        self._is_rest = FROM_REST in headers(context)
        self._verb, self._endpoint = (
            ROUTES.get(method, (OTHER, OTHER)) if self._is_rest else (NATIVE, method)
        )
        self._received = received()
        self._began = time.perf_counter()

    def end(self) -> None:
        """Write down what came of it."""
        status, took = status_name(self._context), time.perf_counter() - self._began
        told = HTTP.get(status, "500") if self._is_rest else status
        metrics.requests_of(self._verb, self._endpoint, told).inc()
        metrics.request_seconds_of(self._verb, self._endpoint).observe(took)
        metrics.request_bytes_of(self._endpoint).observe(self._received.size)
        metrics.response_bytes_of(self._endpoint).observe(self.sent)
        metrics.upload_bytes.dec(self._received.size)


def weight(message: Any) -> int:
    """Return how many bytes a message takes, but for a few where it carries many.

    `ByteSize` encodes the message to learn it, which takes twice as long as hashing a photo.
    """
    carrier = next((getattr(message, name) for name in CARRIERS if hasattr(message, name)), message)
    carried = len(getattr(carrier, "data", b""))
    return carried if carried >= BULK else int(message.ByteSize())


def single(method: str, behaviour: Any) -> Any:
    """Return a method that answers once, counted."""

    async def call(request: Any, context: Context) -> Any:
        own = Request(method, context)
        try:
            answer = await behaviour(request, context)
            own.sent = weight(answer)
            return answer
        finally:
            own.end()

    return call


def streamed(method: str, behaviour: Any) -> Any:
    """Return a method that answers with a stream, counted."""

    async def call(request: Any, context: Context) -> AsyncIterator[Any]:
        own = Request(method, context)
        try:
            async for message in behaviour(request, context):
                own.sent += weight(message)
                yield message
        finally:
            own.end()

    return call
