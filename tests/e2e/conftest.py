"""The whole stack, started once for all of these tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
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
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests in one process of a parallel run: one stack is enough."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("stack"))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Return the running stack."""
    root = tmp_path_factory.mktemp("stack")
    with Stack(root, Settings.from_env(ENVIRONMENT).on(Ports.free())) as running:
        yield running


@pytest.fixture(scope="session")
def suite(stack: Stack) -> Iterator[Suite]:
    """Return the stack as a client sees it."""
    suite = Suite(stack)
    yield suite
    suite.rest.close()
