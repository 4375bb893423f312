"""Every metric that a dashboard, a rule or METRICS.md asks for is one that the suite has."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from promql import metrics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from suite import Suite

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
PROMETHEUS_OWN = {"up"}
NAME = re.compile(r"^(?:# TYPE )?([a-z_]+)(?=[{ ])", re.MULTILINE)
PART = re.compile(r"_(bucket|sum|count)$")
EXPRESSION = re.compile(r"expr: (?:>-\n)?((?:.+\n)(?: {10}.+\n)*)")
RECORDED = re.compile(r"record: (\S+)")

pytestmark = pytest.mark.e2e


def dashboards() -> Iterator[str]:
    for path in (DEPLOY / "grafana/dashboards").glob("*.json"):
        for panel in json.loads(path.read_text())["panels"]:
            yield from (target["expr"] for target in panel.get("targets", []))


def recordings() -> Iterator[str]:
    yield from EXPRESSION.findall((DEPLOY / "prometheus/rules.yaml").read_text())


def alerts() -> Iterator[str]:
    yield from EXPRESSION.findall((DEPLOY / "prometheus/alerts.yaml").read_text())


def questions() -> Iterator[str]:
    for line in (DEPLOY / "METRICS.md").read_text().splitlines():
        if line.startswith("| "):
            yield from (found.replace("\\|", "|") for found in re.findall(r"`([^`]+)`", line))


@pytest.fixture(scope="module")
def had(suite: Suite) -> set[str]:
    """Return the names on the pages that Prometheus scrapes, and those of recording rules."""
    admin = suite.stack.settings.ports.envoy_admin_port
    with httpx.Client(trust_env=False) as client:
        envoy = client.get(f"http://127.0.0.1:{admin}/stats/prometheus").text
    pages = suite.rest.get("/metrics").text + envoy
    recorded = RECORDED.findall((DEPLOY / "prometheus/rules.yaml").read_text())
    return {*NAME.findall(pages), *recorded, *PROMETHEUS_OWN}


@pytest.mark.parametrize("queries", [dashboards, recordings, alerts, questions])
def test_every_metric_that_is_asked_for_is_there(queries: object, had: set[str]) -> None:
    asked = {name for query in queries() for name in metrics(query)}  # type: ignore[operator]

    assert asked
    assert {name for name in asked if PART.sub("", name) not in had and name not in had} == set()
