"""The whole stack, started once for all of these tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fixtures.collector import Collector
from suite import Suite

from deploy.local.ports import Ports
from deploy.local.settings import Settings
from deploy.local.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Iterator

ENVIRONMENT = {
    "LOG_FORMAT": "json",
    # As many requests a second as the tests can make.
    "RATE_LIMIT_PER_SECOND": "100000",
    "TASK_LEASE_SECONDS": "10",
    "STRANDED_AFTER_SECONDS": "2",
    # Milliseconds that spans are gathered for.
    "OTEL_BSP_SCHEDULE_DELAY": "100",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests in one process of a parallel run: one stack is enough."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("stack"))


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Return where the stack sends its spans."""
    with Collector() as collector:
        yield collector


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Stack]:
    """Return the running stack."""
    root = tmp_path_factory.mktemp("stack")
    environment = {**ENVIRONMENT, "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{collector.address}"}
    with Stack(root, Settings.from_env(environment).on(Ports.free())) as running:
        yield running


@pytest.fixture(scope="session")
def suite(stack: Stack) -> Iterator[Suite]:
    """Return the stack as a client sees it."""
    suite = Suite(stack)
    yield suite
    suite.rest.close()
