"""Traces: what a call did, where, and for how long, in spans that lead through every service.

Off until `OTEL_EXPORTER_OTLP_ENDPOINT` says where they go. While they are off nothing of
OpenTelemetry is imported, and no span is made, carried or kept. A trace begins with a call that a
service takes; all else is a span of what it is done for, or none.
"""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol, TypeAlias

from services.runtime import context
from services.runtime.context import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Facts: TypeAlias = Mapping[str, str | int]

TRACEPARENT = "traceparent"
"""Metadata key, HTTP header, and option of queue messages alike."""

# What a span is to the one that it belongs to, as OpenTelemetry names it.
SERVER, CLIENT = "SERVER", "CLIENT"
PRODUCER, CONSUMER = "PRODUCER", "CONSUMER"
INTERNAL = "INTERNAL"

# Names of what is told of a span: OpenTelemetry's own, and ours.
STATUS = "rpc.response.status_code"
REQUEST_ID = "facesvg.request_id"
TASK_ID = "facesvg.task_id"


class Span(Protocol):
    """Some work, from its start to its end."""

    trace_id: str
    is_kept: bool
    """Whether it will be sent; where not, nothing that is done for it will be either."""

    def child(self, name: str, kind: str, facts: Facts) -> Span:
        """Begin a span of this one."""

    def headers(self) -> Sequence[tuple[str, str]]:
        """Return by what others make their spans this one's."""

    def end(self, trouble: str = "", facts: Facts = ...) -> None:
        """End it, with what went wrong and what else is known by now."""


class Tracer(Protocol):
    """Who makes spans and sends them off."""

    def begin(self, name: str, kind: str, headers: Mapping[str, str], facts: Facts) -> Span:
        """Begin a span of the trace that headers tell of, or of a new one."""

    def close(self) -> None:
        """Send what is left, within a few seconds."""


NONE: Facts = {}

_tracer: Tracer | None = None
_current: ContextVar[Span | None] = ContextVar("span", default=None)


def begin(service: str) -> None:
    """Let this process make spans; never before it forks."""
    global _tracer  # noqa: PLW0603 - one for the process, as its metrics and its logs
    _tracer = importlib.import_module("services.runtime.otel").tracer(service)


def end() -> None:
    """Send what is left, and make no more spans."""
    global _tracer  # noqa: PLW0603
    if _tracer is not None:
        _tracer.close()
    _tracer = None


def is_on() -> bool:
    """Return whether this process makes spans."""
    return _tracer is not None


def enter(name: str, kind: str, headers: Mapping[str, str], facts: Facts) -> Span:
    """Begin what all that follows in this context is done for; who enters ends it."""
    assert _tracer is not None
    entered = _tracer.begin(name, kind, headers, facts)
    _current.set(entered)
    context.trace_id.set(entered.trace_id if entered.is_kept else "")
    return entered


def leave() -> None:
    """Let what follows in this context be done for nothing that was entered."""
    _current.set(None)
    context.trace_id.set("")


def child(name: str, kind: str = INTERNAL, facts: Facts = NONE) -> Span | None:
    """Begin a span of what is under way, None where nobody would see it; the caller ends it."""
    parent = _current.get()
    return parent.child(name, kind, facts) if parent is not None and parent.is_kept else None


@contextmanager
def span(name: str, kind: str = INTERNAL, facts: Facts = NONE) -> Iterator[None]:
    """Make a block a span of what is under way, where that will be seen."""
    parent, own = _current.get(), child(name, kind, facts)
    if own is None:
        yield
        return
    _current.set(own)
    trouble = ""
    try:
        yield
    except Exception as exception:  # being cancelled is no trouble
        trouble = type(exception).__name__
        raise
    finally:
        _current.set(parent)
        own.end(trouble)


def call(named: str | bytes) -> Span | None:
    """Begin the span of a call that is made; see `child`. Channels of asyncio name it in bytes."""
    if _tracer is None:
        return None
    method = named.decode() if isinstance(named, bytes) else named
    if method.startswith(context.QUIET):
        return None
    return child(method[1:], CLIENT, call_facts(method))


def call_facts(method: str) -> Facts:
    """Return what is told of a call of `/package.Service/Method`."""
    return {"rpc.system.name": "grpc", "rpc.method": method[1:]}


def ended(span: Span, status: str, *, is_trouble: bool) -> None:
    """End the span of a call with the call's status."""
    span.end(status if is_trouble else "", {STATUS: status})


def headers(of: Span | None = None) -> Sequence[tuple[str, str]]:
    """Return what makes others' spans those of a span, or of what is under way."""
    known = of or _current.get()
    return known.headers() if known is not None else ()


def origin() -> Origin:
    """Return where what is begun now comes from."""
    return Origin(context.request_id.get(), dict(headers()).get(TRACEPARENT, ""))
