"""Questions that are messages of one stream: each is counted and traced as a call would be."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from services.runtime import metrics, tracing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OK = "OK"


@contextmanager
def each_is(method: str, traceparents: Sequence[str], count: int) -> Iterator[None]:
    """Let a block answer `count` calls of a method.

    Where it fails none is counted: whoever asked will make a call of its own.
    """
    began = time.perf_counter()
    spans = [
        tracing.enter(
            method[1:], tracing.SERVER, {tracing.TRACEPARENT: told}, tracing.call_facts(method)
        )
        for told in (traceparents if tracing.is_on() else ())
        if told
    ]
    trouble = ""
    try:
        yield
    except Exception as exception:
        trouble = type(exception).__name__
        raise
    finally:
        for span in spans:
            span.end(trouble, {} if trouble else {tracing.STATUS: OK})
        if spans:
            tracing.leave()
    if metrics.is_on():
        metrics.started_of(method).inc(count)
        metrics.ended_of(method, OK).inc(count)
        observe, seconds = metrics.seconds_of(method).observe, time.perf_counter() - began
        for _ in range(count):
            observe(seconds)
