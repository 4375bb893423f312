"""Spans, and what they cost where there are none."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from fixtures.collector import Collector

from services.runtime import context, tracing

if TYPE_CHECKING:
    from collections.abc import Iterator

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """Return where the spans of this process go; `tracing.end` sends them."""
    with Collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://{collector.address}")
        tracing.begin("test")
        yield collector
        tracing.leave()
        tracing.end()


def enter(traceparent: str) -> tracing.Span:
    return tracing.enter("call", tracing.SERVER, {"traceparent": traceparent}, {})


def test_what_is_done_for_a_call_is_a_span_of_it(collector: Collector) -> None:
    call = enter(f"00-{TRACE}-{PARENT}-01")
    with tracing.span("work"), tracing.span("detail"):
        pass
    call.end()
    tracing.end()

    spans = {span.name: span for span in collector.of(TRACE)}
    assert spans["call"].parent_id == PARENT
    assert spans["work"].parent_id == spans["call"].span_id
    assert spans["detail"].parent_id == spans["work"].span_id


def test_what_breaks_is_told_by_its_name(collector: Collector) -> None:
    call = enter(f"00-{TRACE}-{PARENT}-01")
    with pytest.raises(KeyError), tracing.span("work"):
        raise KeyError("a secret")
    call.end()
    tracing.end()

    assert {span.name: span.trouble for span in collector.of(TRACE)} == {
        "work": "KeyError",
        "call": "",
    }


@pytest.mark.usefixtures("collector")
def test_a_call_sends_its_place_in_the_trace_and_the_trace_is_in_the_logs() -> None:
    enter(f"00-{TRACE}-{PARENT}-01")

    own = tracing.origin().traceparent

    assert own.startswith(f"00-{TRACE}-")
    assert PARENT not in own
    assert context.trace_id.get() == TRACE


@pytest.mark.usefixtures("collector")
def test_a_trace_that_is_not_kept_goes_on_not_to_be() -> None:
    enter(f"00-{TRACE}-{PARENT}-00")

    assert tracing.child("work") is None
    assert tracing.origin().traceparent.startswith(f"00-{TRACE}-")
    assert tracing.origin().traceparent.endswith("-00")
    assert context.trace_id.get() == ""


@pytest.mark.usefixtures("collector")
@pytest.mark.parametrize("sent", ["", "nonsense", f"00-{'0' * 32}-{PARENT}-01", f"ff-{TRACE}-1-01"])
def test_what_is_no_place_in_a_trace_begins_a_new_one(sent: str) -> None:
    span = enter(sent)

    assert span.trace_id not in ("", TRACE, "0" * 32)


@pytest.mark.usefixtures("collector")
def test_nothing_is_a_span_of_nothing() -> None:
    assert tracing.child("work") is None
    assert tracing.headers() == ()


def test_spans_that_nobody_takes_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setattr("services.runtime.otel.LAST_WORDS_SECONDS", 0.2)
    tracing.begin("test")
    enter("").end()

    tracing.end()

    assert not tracing.is_on()


def test_nothing_of_the_library_is_loaded_while_there_are_no_traces() -> None:
    services = ("gateway.__main__", "processor.__main__", "processor.actors", "cache.__main__")
    loads = "".join(f"import services.{name}\n" for name in services)
    # redis-py loads what counts, where it is installed; spans and their way out are ours alone.
    library = ("opentelemetry.sdk.trace", "opentelemetry.exporter", "services.runtime.otel")
    tells = f"import sys; print([name for name in sys.modules if name.startswith({library})])"

    said = subprocess.run(
        [sys.executable, "-c", loads + tells], check=True, capture_output=True, text=True
    )

    assert said.stdout.strip() == "[]"
