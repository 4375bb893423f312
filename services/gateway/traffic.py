"""Counts requests as clients make them: by verb and route, whatever the transport."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from google.api import annotations_pb2

from facesvg.v1 import gateway_pb2
from services.gateway import metrics
from services.runtime.headers import headers
from services.runtime.interceptors import Counting, Metrics
from services.runtime.metrics import OTHER

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import grpc

    Context = grpc.aio.ServicerContext[Any, Any]

SERVICE = gateway_pb2.DESCRIPTOR.services_by_name["GatewayService"]
FROM_REST = "x-envoy-original-path"
"""Only the door sets it: what comes without is native gRPC, or gRPC-Web."""
NATIVE = "GRPC"

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


class Traffic(Metrics):
    """Counts, times and weighs every call, and those of the gateway's own methods as requests too.

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
        """Return the method's handler, wrapped."""
        handler = await super().intercept_service(continuation, handler_call_details)
        if handler is None or handler_call_details.method not in METHODS:
            return handler
        sent = Exchange.part_sent if handler.response_streaming else Exchange.answered
        return handler._replace(
            request_deserializer=reading(handler.request_deserializer),
            response_serializer=writing(handler.response_serializer, sent),
        )

    def around(self, method: str, context: Context) -> Counting:
        """Count the call."""
        return Request(method, context) if method in METHODS else Counting(method, context)


class Exchange:
    """What went to and fro of a call so far.

    gRPC reads the first message before a call begins, and writes an answer after it has ended.
    """

    def __init__(self) -> None:
        self.endpoint = OTHER
        self.received = 0
        self.sent = 0

    def came(self, size: int) -> None:
        """Count a message of the client's."""
        self.received += size
        metrics.upload_bytes.inc(size)

    def part_sent(self, size: int) -> None:
        """Count a message of a stream that the client is sent."""
        self.sent += size

    def answered(self, size: int) -> None:
        """Count the one message that the client is sent."""
        metrics.response_bytes_of(self.endpoint).observe(size)


_exchange: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


def exchange() -> Exchange:
    """Return what went to and fro of the call under way; each has a task of its own."""
    known = _exchange.get()
    if known is None:
        known = Exchange()
        _exchange.set(known)
    return known


def reading(read: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """Return what reads a message and counts its bytes."""

    def weighed(data: bytes) -> Any:
        message = read(data)
        exchange().came(len(data))
        return message

    return weighed


def writing(
    write: Callable[[Any], bytes], count: Callable[[Exchange, int], None]
) -> Callable[[Any], bytes]:
    """Return what writes a message and counts its bytes."""

    def weighed(message: Any) -> bytes:
        data = write(message)
        count(exchange(), len(data))
        return data

    return weighed


class Request(Counting):
    """One request to a method of the gateway's own."""

    def __init__(self, method: str, context: Context) -> None:
        super().__init__(method, context)
        self._is_rest = FROM_REST in headers(context)
        self._verb, self._endpoint = (
            ROUTES.get(method, (OTHER, OTHER)) if self._is_rest else (NATIVE, method)
        )
        self._exchange = exchange()
        self._exchange.endpoint = self._endpoint

    def end(self, status: str, seconds: float) -> None:
        """Write down what came of it."""
        super().end(status, seconds)
        told = HTTP.get(status, "500") if self._is_rest else status
        metrics.requests_of(self._verb, self._endpoint, told).inc()
        metrics.request_seconds_of(self._verb, self._endpoint).observe(seconds)
        metrics.request_bytes_of(self._endpoint).observe(self._exchange.received)
        metrics.upload_bytes.dec(self._exchange.received)
        if self._exchange.sent:
            metrics.response_bytes_of(self._endpoint).observe(self._exchange.sent)
