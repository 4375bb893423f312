"""The monitor, beside the suite that it watches."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from faces import face, fresh

if TYPE_CHECKING:
    from pathlib import Path

    from suite import Suite

HOPPER = face("hopper")
MONITOR = (sys.executable, "-m", "deploy.monitor")
LEFT = b"\x1b[?1049l"
"""What brings back the screen that was there before."""

pytestmark = pytest.mark.e2e


def monitor(*words: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end, not on a terminal."""
    return subprocess.run([*MONITOR, *words], capture_output=True, text=True, check=False)


def seen(suite: Suite) -> dict[str, Any]:
    """Return what it tells programs."""
    told: dict[str, Any] = json.loads(
        monitor("--url", suite.stack.url, "--once", "--json", "--interval", "0.1").stdout
    )
    return told


def test_it_tells_programs_what_the_suite_did(suite: Suite) -> None:
    task_id = suite.finished(suite.submit(fresh(HOPPER, 901).files)["task_id"])["task_id"]
    suite.submit(fresh(HOPPER, 901).files)

    told = seen(suite)

    assert {service["name"] for service in told["services"] if service["is_healthy"]} == {
        *("gateway", "processor", "cache", "worker")
    }
    assert told["is_well"]
    assert task_id in {task["task_id"] for task in told["recent"]}
    [submit] = [r for r in told["figures"]["routes"] if r["endpoint"].endswith("crop/submit")]
    assert submit["total"] >= 2
    assert told["figures"]["cache"]["hit_ratio_since_start"] > 0
    assert told["figures"]["work"]["workers"] >= 1
    assert told["figures"]["usage"].keys() == {"gateway", "processor", "cache", "worker"}


def test_it_prints_for_people_where_there_is_no_terminal(suite: Suite) -> None:
    done = monitor("--url", suite.stack.url, "--once", "--interval", "0.1")

    assert done.returncode == 0
    assert "● gateway" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "\x1b" not in done.stdout


def test_it_leaves_the_terminal_as_it_was(suite: Suite) -> None:
    ours, theirs = pty.openpty()
    command = [*MONITOR, "--url", suite.stack.url, "--interval", "0.1"]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment) as running:
        os.close(theirs)
        shown = b""
        while "● gateway".encode() not in shown:
            shown += os.read(ours, 65_536)
        running.send_signal(signal.SIGINT)
        while LEFT not in shown:
            shown += os.read(ours, 65_536)
        assert running.wait() == 0
    os.close(ours)


def test_nothing_to_watch_is_said_in_one_line(tmp_path: Path) -> None:
    away = monitor("--url", "127.0.0.1:9", "--once")
    unmade = monitor("--root", str(tmp_path), "--once")

    assert (away.returncode, unmade.returncode) == (3, 3)
    assert away.stderr.startswith("error http://127.0.0.1:9 does not answer")
    assert "`make up` starts one" in unmade.stderr
