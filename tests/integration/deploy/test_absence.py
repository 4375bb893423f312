"""The door knows when there is nobody behind it, whether that is dead or only silent."""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from deploy.envoy.door import Door, render
from deploy.local.ports import Ports
from deploy.local.settings import Settings
from deploy.local.stack import Stack
from services.runtime import peers, readiness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

logger = logging.getLogger(__name__)

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("absence")]

SERVICE = Path(__file__).parents[1] / "runtime" / "slow_service.py"
"""A real server that stands where cache and processor would: it says that it can work."""

GOAL_SECONDS = 5.0
PATIENCE = 60.0
"""Seconds after which a condition is taken for never coming, on the slowest machine."""


def until(holds: Callable[[], bool]) -> float:
    """Return how many seconds a condition took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < PATIENCE, f"waited {PATIENCE:g} s in vain"
        time.sleep(0.05)
    return time.monotonic() - began


class Parts:
    """A gateway behind a door, and two peers that can be ended and suspended."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.peers = {name: self._peer(name) for name in ("cache", "processor")}

    def pid(self, name: str) -> int:
        if name in self.peers:
            return self.peers[name].pid
        process = self.stack.part(name).process
        assert process is not None
        return process.pid

    def revive(self, name: str, number: signal.Signals) -> None:
        """Bring back what a signal took away."""
        if number == signal.SIGSTOP:
            os.kill(self.pid(name), signal.SIGCONT)
        else:
            self.peers[name].wait()
            self.peers[name] = self._peer(name)

    def ready(self) -> int:
        """Return what the door says of itself."""
        return httpx.get(f"{self.stack.url}/envoy/ready", timeout=PATIENCE).status_code

    def _peer(self, name: str) -> subprocess.Popen[Any]:
        port = getattr(self.stack.settings.ports, f"{name}_port")
        environment = {**os.environ, "SLOW_PORT": str(port), "DEPENDENCY": __file__}
        return subprocess.Popen(
            [sys.executable, SERVICE],
            env={**environment, "ENABLE_METRICS": "false"},
            stderr=subprocess.DEVNULL,
        )


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    settings = Settings.from_env({}).on(Ports.free())
    stack = Stack(tmp_path_factory.mktemp("absence"), settings, only=("gateway", "envoy"))
    running = Parts(stack)
    try:
        with stack:
            yield running
    finally:
        for peer in running.peers.values():
            peer.kill()
            peer.wait()


@pytest.mark.parametrize(
    ("part", "number"),
    [
        pytest.param("gateway", signal.SIGSTOP, id="a gateway that hangs"),
        pytest.param("cache", signal.SIGSTOP, id="a cache that hangs"),
        pytest.param("processor", signal.SIGKILL, id="a processor that is dead"),
    ],
)
def test_the_door_is_not_ready_while_a_part_does_not_answer(
    parts: Parts, part: str, number: signal.Signals
) -> None:
    until(lambda: parts.ready() == 200)

    os.kill(parts.pid(part), number)
    took = until(lambda: parts.ready() == 503)
    parts.revive(part, number)

    until(lambda: parts.ready() == 200)
    logger.info("known after %.1f s", took)  # of a busy machine, so nothing hangs on it


def test_what_is_set_lets_it_be_known_within_five_seconds() -> None:
    checks = re.search(r"health_checks:\n(.*?)grpc_health_check", render(Door()), re.DOTALL)
    assert checks is not None
    told = {name: float(value) for name, value in re.findall(r"(\w+): ([\d.]+)", checks[1])}

    again = max(told["unhealthy_edge_interval"], told["no_traffic_interval"])
    noticed = max(told["interval"], told["no_traffic_healthy_interval"])
    noticed += (told["unhealthy_threshold"] - 1) * again
    hung_gateway = noticed + told["unhealthy_threshold"] * told["timeout"]
    hung_peer = readiness.CHECK_EVERY + peers.WITHIN + noticed

    assert max(hung_gateway, hung_peer) <= GOAL_SECONDS
    assert peers.WITHIN <= readiness.CHECK_WITHIN
