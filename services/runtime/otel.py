"""Spans as OpenTelemetry sends them over OTLP; imported only where traces are on.

Where they go, which are kept and when they are sent is the library's: its variables, its samplers,
its batches, its exporter. The spans are ours: to make and to write one of the library's takes four
times as long, and four of them were a seventh of what a hit costs.
"""

from __future__ import annotations

import threading
import time
from functools import lru_cache
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource as ResourceMessage
from opentelemetry.proto.trace.v1 import trace_pb2 as pb
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services import __version__
from services.runtime.tracing import NONE, TRACEPARENT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from services.runtime.tracing import Facts

LAST_WORDS_SECONDS = 2.0
"""What is left when a process ends is not worth more: the collector may be away."""

TRACESTATE = "tracestate"
KEPT = trace.TraceFlags(trace.TraceFlags.SAMPLED)
ERROR = pb.Status.StatusCode.STATUS_CODE_ERROR
KINDS = {kind.name: pb.Span.SpanKind.Value(f"SPAN_KIND_{kind.name}") for kind in trace.SpanKind}
FROM_HERE = pb.SpanFlags.SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK
FROM_ELSEWHERE = FROM_HERE | pb.SpanFlags.SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK

_w3c = TraceContextTextMapPropagator()


class OtelSpan:
    """A span. What is under way is kept by `tracing`, not by the library's own context."""

    context = trace.SpanContext(1, 1, is_remote=False, trace_flags=KEPT)
    """What the library's batches look at: they are given only what is kept."""

    def __init__(
        self,
        tracer: OtelTracer,
        parent: trace.SpanContext | None,
        own: trace.SpanContext,
        name: str,
        kind: str,
        facts: Facts,
    ) -> None:
        self.trace_id = trace.format_trace_id(own.trace_id)
        self.is_kept = own.trace_flags.sampled
        self._tracer = tracer
        self._parent = parent
        self._own = own
        self._name = name
        self._kind = kind
        self._facts = facts
        self._trouble = ""
        self._began = time.time_ns()
        self._ended = 0

    def child(self, name: str, kind: str, facts: Facts) -> OtelSpan:
        """Begin a span of this one."""
        return self._tracer.child(self._own, name, kind, facts)

    def headers(self) -> Sequence[tuple[str, str]]:
        """Return by what others make their spans this one's."""
        own = self._own
        place = f"00-{self.trace_id}-{own.span_id:016x}-{own.trace_flags:02x}"
        state = own.trace_state.to_header()
        return ((TRACEPARENT, place), *(((TRACESTATE, state),) if state else ()))

    def end(self, trouble: str = "", facts: Facts = NONE) -> None:
        """End it, with what went wrong and what else is known by now."""
        self._ended = time.time_ns()
        self._trouble = trouble
        self._facts = {**self._facts, **facts}
        if self.is_kept:
            self._tracer.send(self)

    def message(self) -> pb.Span:
        """Return it as it is sent."""
        own, parent = self._own, self._parent
        return pb.Span(
            trace_id=own.trace_id.to_bytes(16, "big"),
            span_id=own.span_id.to_bytes(8, "big"),
            trace_state=own.trace_state.to_header(),
            parent_span_id=parent.span_id.to_bytes(8, "big") if parent else b"",
            flags=FROM_ELSEWHERE if parent and parent.is_remote else FROM_HERE,
            name=self._name,
            kind=KINDS[self._kind],
            start_time_unix_nano=self._began,
            end_time_unix_nano=self._ended,
            attributes=pairs(self._facts),
            status=pb.Status(code=ERROR, message=self._trouble) if self._trouble else None,
        )


class OtelTracer:
    """Makes spans and sends them off in batches, from a thread of its own."""

    def __init__(self, provider: TracerProvider, exporter: Exporter) -> None:
        self._sampler = provider.sampler
        self._ids = provider.id_generator
        self._exporter = exporter
        self._batches = BatchSpanProcessor(exporter)
        self.send: Callable[[OtelSpan], None] = self._batches.on_end  # type: ignore[assignment]

    def begin(self, name: str, kind: str, headers: Mapping[str, str], facts: Facts) -> OtelSpan:
        """Begin a span of the trace that headers tell of, or of a new one."""
        within = _w3c.extract(headers)
        parent = trace.get_current_span(within).get_span_context()
        trace_id = parent.trace_id if parent.is_valid else self._ids.generate_trace_id()
        sampled = self._sampler.should_sample(within, trace_id, name, trace.SpanKind[kind], facts)
        own = trace.SpanContext(
            trace_id,
            self._ids.generate_span_id(),
            is_remote=False,
            trace_flags=KEPT
            if sampled.decision is Decision.RECORD_AND_SAMPLE
            else trace.DEFAULT_TRACE_OPTIONS,
            trace_state=sampled.trace_state,
        )
        return OtelSpan(self, parent if parent.is_valid else None, own, name, kind, facts)

    def child(self, parent: trace.SpanContext, name: str, kind: str, facts: Facts) -> OtelSpan:
        """Begin a span of another; what is kept of a trace is kept whole."""
        own = trace.SpanContext(
            parent.trace_id,
            self._ids.generate_span_id(),
            is_remote=False,
            trace_flags=parent.trace_flags,
            trace_state=parent.trace_state,
        )
        return OtelSpan(self, parent, own, name, kind, facts)

    def close(self) -> None:
        """Send what is left, within a few seconds."""
        last = threading.Thread(target=self._batches.shutdown, daemon=True)
        last.start()
        last.join(LAST_WORDS_SECONDS)
        if last.is_alive():
            self._exporter.shutdown()  # what has not been taken by now is given up


class Exporter(OTLPSpanExporter):
    """The library's, for spans of ours."""

    def __init__(self, resource: Resource) -> None:
        super().__init__()
        self._resource = ResourceMessage(
            attributes=pairs({name: str(told) for name, told in resource.attributes.items()})
        )
        self._scope = InstrumentationScope(name="facesvg", version=__version__)

    def _translate_data(self, data: Sequence[OtelSpan]) -> ExportTraceServiceRequest:  # type: ignore[override]
        spans = pb.ScopeSpans(scope=self._scope, spans=[span.message() for span in data])
        told = pb.ResourceSpans(resource=self._resource, scope_spans=[spans])
        return ExportTraceServiceRequest(resource_spans=[told])


def pairs(facts: Mapping[str, str | int]) -> Sequence[KeyValue]:
    """Return facts as they are sent."""
    return [pair(name, value) for name, value in facts.items()]


@lru_cache(maxsize=256, typed=True)
def pair(name: str, value: str | int) -> KeyValue:
    """Return one fact as it is sent; all but ids are told again and again.

    >>> pair("facesvg.attempt", 2).value.int_value
    2
    """
    if isinstance(value, str):
        return KeyValue(key=name, value=AnyValue(string_value=value))
    return KeyValue(key=name, value=AnyValue(int_value=value))


def tracer(service: str) -> OtelTracer:
    """Return who makes this process's spans; `OTEL_` variables say where they go, and which."""
    known = {"service.name": f"facesvg-{service}", "service.version": __version__}
    told = OTELResourceDetector().detect().attributes
    resource = Resource.create({**known, **told})
    return OtelTracer(TracerProvider(shutdown_on_exit=False), Exporter(resource))
