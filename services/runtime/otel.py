"""Spans as OpenTelemetry makes them and sends them over OTLP; imported only where traces are on."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services import __version__
from services.runtime.tracing import NONE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.runtime.tracing import Facts

LAST_WORDS_SECONDS = 2.0
"""What is left when a process ends is not worth more: the collector may be away."""

_w3c = TraceContextTextMapPropagator()


class OtelSpan:
    """A span. What is under way is kept by `tracing`, not by the library's own context."""

    def __init__(self, tracer: trace.Tracer, span: trace.Span) -> None:
        self._tracer = tracer
        self._span = span
        self._within = trace.set_span_in_context(span)
        self.trace_id = trace.format_trace_id(span.get_span_context().trace_id)
        self.is_kept = span.is_recording()

    def child(self, name: str, kind: str, facts: Facts) -> OtelSpan:
        """Begin a span of this one."""
        span = self._tracer.start_span(name, self._within, trace.SpanKind[kind], facts)
        return OtelSpan(self._tracer, span)

    def headers(self) -> Sequence[tuple[str, str]]:
        """Return by what others make their spans this one's."""
        carrier: dict[str, str] = {}
        _w3c.inject(carrier, self._within)
        return tuple(carrier.items())

    def end(self, trouble: str = "", facts: Facts = NONE) -> None:
        """End it, with what went wrong and what else is known by now."""
        self._span.set_attributes(facts)
        if trouble:
            self._span.set_status(trace.StatusCode.ERROR, trouble)
        self._span.end()


class OtelTracer:
    """Makes spans and sends them off in batches, from a thread of its own."""

    def __init__(self, provider: TracerProvider, exporter: OTLPSpanExporter) -> None:
        provider.add_span_processor(BatchSpanProcessor(exporter))
        self._provider = provider
        self._exporter = exporter
        self._tracer = provider.get_tracer("facesvg", __version__)

    def begin(self, name: str, kind: str, headers: Mapping[str, str], facts: Facts) -> OtelSpan:
        """Begin a span of the trace that headers tell of, or of a new one."""
        within = _w3c.extract(headers)
        span = self._tracer.start_span(name, within, trace.SpanKind[kind], facts)
        return OtelSpan(self._tracer, span)

    def close(self) -> None:
        """Send what is left, within a few seconds."""
        last = threading.Thread(target=self._provider.shutdown, daemon=True)
        last.start()
        last.join(LAST_WORDS_SECONDS)
        if last.is_alive():
            self._exporter.shutdown()  # what has not been taken by now is given up


def tracer(service: str) -> OtelTracer:
    """Return who makes this process's spans; `OTEL_` variables say where they go, and which."""
    known = {"service.name": f"facesvg-{service}", "service.version": __version__}
    told = OTELResourceDetector().detect().attributes
    resource = Resource.create({**known, **told})
    return OtelTracer(TracerProvider(resource=resource, shutdown_on_exit=False), OTLPSpanExporter())
