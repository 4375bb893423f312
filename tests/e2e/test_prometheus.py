"""A real Prometheus on the running suite: whatever is asked has an answer."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from e2e.test_queries import dashboards, questions, recordings
from faces import face, fresh

from deploy.local import prometheus
from deploy.local.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from suite import Suite

HOPPER = face("hopper")
JOBS = {"gateway", "processor", "cache", "worker", "envoy"}

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("prometheus") is None, reason="there is no prometheus on PATH"),
]


class Prometheus:
    """One that scrapes every second, asked over HTTP."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def targets(self) -> dict[str, str]:
        """Return how each job is."""
        found = self._client.get("/api/v1/targets").json()["data"]["activeTargets"]
        return {target["labels"]["job"]: target["health"] for target in found}

    def answers(self, query: str) -> bool:
        """Return whether a query has a value that is a number, now or a moment ago."""
        now = time.time()
        span: dict[str, Any] = {"query": query, "start": now - 15, "end": now, "step": 1}
        answer = self._client.get("/api/v1/query_range", params=span)
        assert answer.status_code == 200, (query, answer.text)
        series = answer.json()["data"]["result"]
        return any(value != "NaN" for one in series for _, value in one["values"])


@pytest.fixture(scope="module")
def scraping(suite: Suite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    root = tmp_path_factory.mktemp("prometheus")
    with ExitStack() as held:
        port = free_port(held)
    command = prometheus.prepared(root, suite.stack.settings.ports, port)
    file = root / "prometheus.yaml"
    file.write_text(file.read_text().replace("interval: 15s", "interval: 1s"))
    with (
        (root / "log").open("w") as log,
        subprocess.Popen(command, stdout=log, stderr=log) as running,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        suite.until(lambda: answers(client, running, root / "log"), lambda is_up: is_up)
        yield Prometheus(client)
        running.terminate()


def answers(client: httpx.Client, running: subprocess.Popen[bytes], log: Path) -> bool:
    assert running.poll() is None, log.read_text()
    try:
        return client.get("/-/ready").status_code == 200
    except httpx.TransportError:
        return False


def test_every_query_has_an_answer(suite: Suite, scraping: Prometheus) -> None:
    suite.until(scraping.targets, lambda jobs: jobs == dict.fromkeys(JOBS, "up"))
    waiting = {
        query.replace("$__rate_interval", "10s")
        for query in (*dashboards(), *questions(), *recordings())
    }
    numbers = itertools.count(9000)

    def unanswered() -> set[str]:
        files = fresh(HOPPER, next(numbers)).files
        suite.finished(suite.submit(files)["task_id"])
        suite.submit(files)  # a hit
        suite.rest.get("/api/v1/frontal/crop/status/unknown")
        waiting.difference_update([query for query in waiting if scraping.answers(query)])
        return waiting

    assert suite.until(unanswered, lambda left: not left) == set()
