"""What is measured: the suite, and a sink behind an Envoy of the same configuration."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import cpu

from deploy.local.ports import Ports
from deploy.local.services import PROCESS
from deploy.local.settings import Settings
from deploy.local.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Iterator

ENVIRONMENT = {"LOG_FORMAT": "json", "RATE_LIMIT_PER_SECOND": "1000000", "QUEUE_LIMIT": "100000"}
SINK = Path(__file__).with_name("sink.py")


@dataclass(frozen=True)
class Target:
    """An address to ask, and the processes that answer."""

    name: str
    address: tuple[str, int]
    pids: dict[str, int]


@contextmanager
def suite(root: Path, **more: str) -> Iterator[Stack]:
    """Run the whole suite."""
    settings = Settings.from_env({**ENVIRONMENT, **more}).on(Ports.free())
    with Stack(root, settings) as stack:
        yield stack


def of_suite(stack: Stack) -> Target:
    """Return the suite as a target."""
    return Target("suite", ("127.0.0.1", stack.settings.ports.api_port), cpu.of_stack(stack))


@contextmanager
def asking(root: Path, of: Stack) -> Iterator[Target]:
    """Run a gateway behind an Envoy of its own that asks a suite's cache for every hit."""
    free, shared = Ports.free(), of.settings.ports
    ports = replace(
        free,
        processor_port=shared.processor_port,
        cache_port=shared.cache_port,
        worker_metrics_port=shared.worker_metrics_port,
    )
    settings = Settings.from_env({**ENVIRONMENT, "GATEWAY_HOT_MB": "0"}).on(ports)
    with Stack(root, settings, only=("gateway", "envoy")) as stack:
        pids = {**cpu.of_stack(of), **cpu.of_stack(stack)}
        yield Target("asking", ("127.0.0.1", ports.api_port), pids)


@contextmanager
def sink(root: Path) -> Iterator[Target]:
    """Run Envoy and the sink."""
    settings = Settings.from_env(ENVIRONMENT).on(Ports.free())
    port = settings.ports.gateway_port
    # Memory as the suite's parts have it: a slow sink would flatter them.
    environment = {**os.environ, **PROCESS}
    with subprocess.Popen([sys.executable, SINK, str(port)], env=environment) as process:
        try:
            with Stack(root, settings, only=("envoy",)) as stack:
                ready(f"{stack.url}/envoy/ready")
                pids = {**cpu.of_stack(stack), "gateway": process.pid}
                yield Target("sink", ("127.0.0.1", settings.ports.api_port), pids)
        finally:
            process.kill()


def ready(url: str, *, within: float = 30) -> None:
    """Wait until a page answers 200."""
    deadline = time.monotonic() + within
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - http on loopback
                return
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
