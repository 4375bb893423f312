"""What surrounds every RPC: request id, span, log, metrics, faults, the first outermost."""

from __future__ import annotations

import logging
import time
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import grpc
from grpc_status import rpc_status

from services.runtime import faults, metrics, series, tracing
from services.runtime.around import Around, Before
from services.runtime.context import QUIET, REQUEST_ID_KEY, request_id, request_id_from
from services.runtime.headers import headers
from services.runtime.metrics import OTHER

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from google.rpc import status_pb2

    from services.runtime.faults import FaultTable

logger = logging.getLogger(__name__)


# The door says whom it serves, and what was asked before it made a method of it.
CLIENT = "x-forwarded-for"
VERB, PATH = "x-envoy-original-method", "x-envoy-original-path"


OUR_TROUBLE = frozenset(
    ("UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS")
)
"""What a server's span ends in error with; all else is the client's."""


STATUS_NAMES = {key: code.name for code in grpc.StatusCode for key in (code, code.value[0])}
"""By the number and by the enum's member: a context may tell either."""


class RequestIds(Before):
    """Gives the call the request id that came along, or a new one."""

    def before(self, method: str, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        """Bind the id for whatever the call does."""
        del method
        request_id.set(request_id_from(headers(context).get(REQUEST_ID_KEY)))


class Spans(Around):
    """Makes every call a span of the trace that it came with."""

    def around(
        self, method: str, context: grpc.aio.ServicerContext[Any, Any]
    ) -> AbstractAsyncContextManager[None]:
        """Let the call be a span, unless it is none that is worth one."""
        return nullcontext() if method.startswith(QUIET) else Spanning(method, context)


class Spanning(AbstractAsyncContextManager[None]):
    """One call that is a span. A generator would cost as much as the span."""

    def __init__(self, method: str, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        self._method = method
        self._context = context

    async def __aenter__(self) -> None:
        called = {**tracing.call_facts(self._method), tracing.REQUEST_ID: request_id.get()}
        came_with = headers(self._context)
        self._span = tracing.enter(self._method[1:], tracing.SERVER, came_with, called)

    async def __aexit__(self, *_: object) -> None:
        status = status_name(self._context)
        tracing.ended(self._span, status, is_trouble=status in OUR_TROUBLE)


class AccessLog(Around):
    """Writes one line for each call: method, status, time, client, and a REST call's own words."""

    def around(
        self, method: str, context: grpc.aio.ServicerContext[Any, Any]
    ) -> AbstractAsyncContextManager[None]:
        """Time the call."""
        return Logging(method, context)


class Logging(AbstractAsyncContextManager[None]):
    """One call that is logged."""

    def __init__(self, method: str, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        self._method = method
        self._context = context
        self._began = time.perf_counter()
        # A stream that its client left is closed after its call is gone, and asking that for its
        # peer ends the process.
        self._peer = context.peer()
        self._told = headers(context)

    async def __aexit__(self, *_: object) -> None:
        level = logging.DEBUG if self._method.startswith(QUIET) else logging.INFO
        if logger.isEnabledFor(level):
            facts = {
                "method": self._method,
                "status": status_name(self._context),
                "ms": round((time.perf_counter() - self._began) * 1000, 1),
                "client": self._told.get(CLIENT, self._peer),
                **request_of(self._told),
            }
            logger.log(level, "call ended", extra={"facts": facts})


class Metrics(Around):
    """Counts and times calls by method and status."""

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Return the method's handler, wrapped; count what no method is for under one name."""
        handler = await super().intercept_service(continuation, handler_call_details)
        if handler is None:
            metrics.started.labels(OTHER).inc()
            metrics.calls.labels(OTHER, grpc.StatusCode.UNIMPLEMENTED.name).inc()
        return handler

    def around(self, method: str, context: grpc.aio.ServicerContext[Any, Any]) -> Counting:
        """Time the call."""
        return Counting(method, context)


class Counting(AbstractAsyncContextManager[None]):
    """One call that is counted. A generator would cost as much as all that it counts."""

    def __init__(self, method: str, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        self._method = method
        self._context = context
        self._began = time.perf_counter()

    async def __aenter__(self) -> None:
        metrics.started_of(self._method).inc()

    async def __aexit__(self, *_: object) -> None:
        self.end(status_name(self._context), time.perf_counter() - self._began)

    def end(self, status: str, seconds: float) -> None:
        """Write down what came of it."""
        metrics.ended_of(self._method, status).inc()
        metrics.seconds_of(self._method).observe(seconds)


class Faults(Around):
    """Turns exceptions into statuses: the table's into what it says, all others into INTERNAL.

    Counts them as the errors of a service, except those of a peer, which has counted its own.
    """

    def __init__(self, table: FaultTable, service: str = OTHER) -> None:
        self._table = table
        self._service = service

    def around(
        self, method: str, context: grpc.aio.ServicerContext[Any, Any]
    ) -> AbstractAsyncContextManager[None]:
        """Abort the call with what the exception means."""
        return Answering(method, context, self._told)

    def _told(self, method: str, exception: Exception) -> status_pb2.Status:
        """Return what an exception means, counted."""
        status = faults.to_status(exception, self._table)
        if status is None:
            logger.error("call failed", exc_info=exception, extra={"facts": {"method": method}})
            if metrics.is_on():
                metrics.errors.labels(series.mistake(exception), self._service).inc()
            status = faults.internal()
        elif metrics.is_on() and (kind := faults.kind_of(exception, self._table)):
            metrics.refusals.labels(kind.__name__, self._service).inc()
        faults.identify(status)
        return status


class Answering(AbstractAsyncContextManager[None]):
    """One call whose exception becomes a status."""

    def __init__(
        self,
        method: str,
        context: grpc.aio.ServicerContext[Any, Any],
        told: Callable[[str, Exception], status_pb2.Status],
    ) -> None:
        self._method = method
        self._context = context
        self._told = told

    async def __aexit__(self, _: object, exception: BaseException | None, __: object) -> None:
        if not isinstance(exception, Exception) or isinstance(exception, grpc.aio.AbortError):
            return
        status = self._told(self._method, exception)
        said = rpc_status.to_status(status)
        await self._context.abort(
            said.code, said.details, (*said.trailing_metadata, *faults.hints(status))
        )


def request_of(told: Mapping[str, str]) -> dict[str, str]:
    """Return what a REST client asked for, without the query; nothing of a native call."""
    if PATH not in told:
        return {}
    return {"endpoint": f"{told.get(VERB, '')} {told[PATH]}".split("?")[0].strip()}


def status_name(context: grpc.aio.ServicerContext[Any, Any]) -> str:
    """Return the name of the status that a call ends with: a cancelled one has none yet."""
    if context.cancelled():
        return grpc.StatusCode.CANCELLED.name
    code: Any = context.code()  # a number, whatever the stubs say
    return STATUS_NAMES.get(code, "OK")
