"""Metrics of several services on one page."""

from __future__ import annotations

import re

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from services.gateway.exposition import Source, merged


def page(service: str) -> bytes:
    registry = CollectorRegistry()
    Counter("calls_total", "Calls.", ("method",), registry=registry).labels(service).inc(2)
    Histogram("seconds", "Time.", buckets=(1,), registry=registry).observe(0.5)
    Gauge(f"only_{service}", 'With "quotes" and \\.', registry=registry).set(1)
    return generate_latest(registry)


def test_every_family_stands_once_and_every_series_says_its_service() -> None:
    text = merged({Source("cache"): page("cache"), Source("gateway"): page("gateway")}).decode()

    types = re.findall(r"# TYPE (\S+)", text)
    assert len(types) == len(set(types))
    assert {"calls_total", "seconds", "only_cache", "only_gateway"} <= set(types)
    series = [line for line in text.splitlines() if not line.startswith("#")]
    assert all('service="' in line for line in series)
    assert len(series) == len(set(series))
    assert 'calls_total{method="cache",service="cache"} 2.0' in series
    assert 'seconds_bucket{le="1.0",service="gateway"} 1.0' in series


def test_the_page_can_be_read_back() -> None:
    text = merged({Source("cache"): page("cache"), Source("gateway"): page("gateway")}).decode()

    families = {f.name: f for f in text_string_to_metric_families(text)}

    assert families["calls"].type == "counter"
    assert families["only_cache"].documentation == 'With "quotes" and \\.'
    assert len(families["seconds"].samples) == 8


def test_a_service_without_a_page_is_a_comment() -> None:
    text = merged({Source("cache"): None, Source("gateway"): page("gateway")}).decode()

    assert text.endswith("# cache does not answer\n")
    assert 'service="gateway"' in text


def test_a_series_that_has_a_service_already_keeps_it_beside() -> None:
    text = merged({Source("cache"): b'up{service="postgres"} 1.0\n'}).decode()

    assert 'up{exported_service="postgres",service="cache"} 1.0' in text


def test_a_family_of_two_types_has_none() -> None:
    own = b"# TYPE x gauge\nx 1.0\n"
    other = b"# TYPE x histogram\nx_sum 1.0\n"

    text = merged({Source("cache"): own, Source("gateway"): other}).decode()

    assert "# TYPE x untyped" in text


def test_instances_of_a_service_are_told_apart() -> None:
    pages = {
        Source("worker", "10.0.0.1:9104"): b"x 1.0\n",
        Source("worker", "10.0.0.2:9104"): b"x 2.0\n",
    }

    text = merged({**pages, Source("worker", "10.0.0.3:9104"): None}).decode()

    assert 'x{instance="10.0.0.1:9104",service="worker"} 1.0' in text
    assert 'x{instance="10.0.0.2:9104",service="worker"} 2.0' in text
    assert text.endswith("# worker 10.0.0.3:9104 does not answer\n")
