"""A stack of these tests' own, which suffers what they do to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from deploy.local.ports import Ports
from deploy.local.settings import Settings
from deploy.local.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Iterator

ENVIRONMENT = {
    "LOG_FORMAT": "json",
    "RATE_LIMIT_PER_SECOND": "100000",
    "WORKER_PROCESSES": "2",
    "SHUTDOWN_GRACE_SECONDS": "5",
    # What takes a minute in earnest takes seconds here; longer than a busy machine holds a step up,
    # which would cost an attempt that no fault explains.
    "TASK_LEASE_SECONDS": "10",
    "WORKER_HEARTBEAT_SECONDS": "2",
    "STRANDED_AFTER_SECONDS": "1.5",
    "STRANDED_EVERY_SECONDS": "0.3",
    # So many kills in a row are no fault of an input.
    "TASK_MAX_ATTEMPTS": "50",
}


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Return the running stack, which `suite` is a client of here."""
    root = tmp_path_factory.mktemp("faults")
    with Stack(root, Settings.from_env(ENVIRONMENT).on(Ports.free())) as running:
        yield running


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what a closing table of faults needs."""
    lines = [
        value
        for report in terminalreporter.getreports("passed")
        for name, value in report.user_properties
        if name == "fault"
    ]
    if lines:
        terminalreporter.section("faults")
        terminalreporter.line(f"{'fault':32}{'accepted':>9}{'recovery':>10} s, none lost")
        for line in lines:
            terminalreporter.line(line)
