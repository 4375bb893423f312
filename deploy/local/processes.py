"""Processes that outlive the program which started them, told apart from others of their number."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from deploy.local.account import Account

SAME_START_SECONDS = 2.0
"""Start times are computed from a clock that may be set; numbers are not reused this fast."""

MARK = "FACESVG_STACK"
"""Set to the root in every process of a stack."""

LOG_BYTES = 16 * 1024 * 1024

POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Identity:
    """One process for certain: its number, and when it started (seconds since the epoch)."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> Identity:
        """Return the identity of a running process."""
        return cls(pid, psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """Return the process, or None when it has ended."""
        try:
            process = psutil.Process(self.pid)
            is_same = abs(process.create_time() - self.started) < SAME_START_SECONDS
            if not is_same or process.status() == psutil.STATUS_ZOMBIE:
                return None
        except psutil.NoSuchProcess:
            return None
        return process

    def is_alive(self) -> bool:
        """Return whether the process still runs."""
        return self.process() is not None

    def send(self, number: int) -> None:
        """Send a signal, if the process is still there."""
        process = self.process()
        if process is not None:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)


def spawn(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    log: Path,
    cwd: Path,
    account: Account | None = None,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, its output appended to `log`."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as out:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=cwd,
            start_new_session=True,
            user=None if account is None else account.uid,
            group=None if account is None else account.gid,
            extra_groups=None if account is None else [],
        )


def end(identity: Identity, number: int, grace: float, root: Path) -> None:
    """Ask a process to end, insist after `grace` seconds, and clear away what it left behind."""
    identity.send(number)
    if not wait(identity, grace):
        identity.send(signal.SIGKILL)
        wait(identity, grace)
    clear(identity, root)


def wait(identity: Identity, seconds: float) -> bool:
    """Wait until a process has ended; return whether it has."""
    deadline = time.monotonic() + seconds
    while identity.is_alive():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def clear(identity: Identity, root: Path) -> None:
    """Kill what is left of the session that a process of this stack led."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, ProcessLookupError):
            is_left = (
                os.getpgid(process.pid) == identity.pid
                and process.create_time() > identity.started - SAME_START_SECONDS
                and process.environ().get(MARK) == str(root)
            )
            if is_left:
                process.kill()
