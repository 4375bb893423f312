"""Metrics of several services on one page."""

from __future__ import annotations

import re

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from services.gateway.exposition import merged


def page(service: str) -> bytes:
    registry = CollectorRegistry()
    Counter("calls_total", "Calls.", ("method",), registry=registry).labels(service).inc(2)
    Histogram("seconds", "Time.", buckets=(1,), registry=registry).observe(0.5)
    Gauge(f"only_{service}", 'With "quotes" and \\.', registry=registry).set(1)
    return generate_latest(registry)


def test_every_family_stands_once_and_every_series_says_its_service() -> None:
    text = merged({"cache": page("cache"), "gateway": page("gateway")}).decode()

    types = re.findall(r"# TYPE (\S+)", text)
    assert len(types) == len(set(types))
    assert {"calls_total", "seconds", "only_cache", "only_gateway"} <= set(types)
    series = [line for line in text.splitlines() if not line.startswith("#")]
    assert all('service="' in line for line in series)
    assert len(series) == len(set(series))
    assert 'calls_total{method="cache",service="cache"} 2.0' in series
    assert 'seconds_bucket{le="1.0",service="gateway"} 1.0' in series


def test_the_page_can_be_read_back() -> None:
    text = merged({"cache": page("cache"), "gateway": page("gateway")}).decode()

    families = {f.name: f for f in text_string_to_metric_families(text)}

    assert families["calls"].type == "counter"
    assert families["only_cache"].documentation == 'With "quotes" and \\.'
    assert len(families["seconds"].samples) == 8


def test_a_service_without_a_page_is_a_comment() -> None:
    text = merged({"cache": None, "gateway": page("gateway")}).decode()

    assert text.endswith("# cache does not answer\n")
    assert 'service="gateway"' in text


def test_a_series_that_has_a_service_already_keeps_it_beside() -> None:
    text = merged({"cache": b'up{service="postgres"} 1.0\n'}).decode()

    assert 'up{exported_service="postgres",service="cache"} 1.0' in text


def test_a_family_of_two_types_has_none() -> None:
    own = b"# TYPE x gauge\nx 1.0\n"
    other = b"# TYPE x histogram\nx_sum 1.0\n"

    text = merged({"cache": own, "gateway": other}).decode()

    assert "# TYPE x untyped" in text
