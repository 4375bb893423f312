from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from deploy.local import processes
from deploy.local.processes import MARK, Identity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(SLEEP) as process:
        yield process
        process.kill()


def test_process_is_known_by_number_and_start(sleeper: subprocess.Popen[bytes]) -> None:
    ours = Identity.of(sleeper.pid)
    someone_elses = Identity(sleeper.pid, ours.started - 3600)

    assert ours.is_alive()
    assert not someone_elses.is_alive()


def test_another_process_of_the_same_number_is_left_alone(
    sleeper: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    of_earlier = Identity(sleeper.pid, Identity.of(sleeper.pid).started - 3600)

    processes.end(of_earlier, signal.SIGKILL, 1, tmp_path)

    assert sleeper.poll() is None


def test_process_that_waits_to_be_reaped_is_gone(sleeper: subprocess.Popen[bytes]) -> None:
    identity = Identity.of(sleeper.pid)

    sleeper.kill()

    assert processes.wait(identity, 5)


def test_stubborn_process_and_its_children_are_ended(tmp_path: Path) -> None:
    log = tmp_path / "log"
    child = processes.spawn(
        [sys.executable, "-c", STUBBORN],
        environment={**os.environ, MARK: str(tmp_path)},
        log=log,
        cwd=tmp_path,
    )
    while not log.read_bytes().startswith(b"ready"):
        time.sleep(0.01)
    family = [psutil.Process(child.pid), *psutil.Process(child.pid).children()]

    processes.end(Identity.of(child.pid), signal.SIGTERM, 0.2, tmp_path)

    child.wait()
    _, alive = psutil.wait_procs(family, timeout=5)
    assert len(family) == 2
    assert alive == []


def test_long_log_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "LOG_BYTES", 10)
    log = tmp_path / "part.log"
    log.write_text("more than ten bytes")

    processes.spawn(["true"], environment={}, log=log, cwd=tmp_path).wait()

    assert log.read_text() == ""
    assert (tmp_path / "part.log.1").read_text() == "more than ten bytes"
