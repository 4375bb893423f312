"""Workers under bounds: what a task may take, and what becomes of one that takes more."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from deploy.local.layout import REPOSITORY


def ran(
    body: str, *, memory_mb: int = 0, cpu_seconds: float = 0
) -> subprocess.CompletedProcess[str]:
    """Run one message's work in a process of its own."""
    program = f"""
from services.processor.bounds import Bounds

bounds = Bounds(memory_mb={memory_mb}, cpu_seconds={cpu_seconds})
bounds.after_worker_boot(None, None)
bounds.before_process_message(None, None)
{textwrap.dedent(body)}
bounds.after_process_message(None, None)
print("still there")
"""
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=REPOSITORY,
    )


def test_more_memory_than_is_allowed_is_an_error_of_the_task_alone() -> None:
    done = ran(
        """
        try:
            bytearray(2 << 30)
        except MemoryError:
            print("refused")
        """,
        memory_mb=1024,
    )

    assert done.stdout.split("\n")[:2] == ["refused", "still there"], done.stderr


@pytest.mark.parametrize("work", ["while True: pass", "pow(3, 10**9)", "sum(range(10**12))"])
def test_a_task_that_computes_for_ever_ends_its_process(work: str) -> None:
    """Also in one call of C code that holds the interpreter."""
    done = ran(work, cpu_seconds=0.3)

    assert done.returncode == -27  # SIGPROF
    assert "still there" not in done.stdout


def test_time_between_tasks_is_not_counted() -> None:
    done = ran(
        """
        import time
        bounds.after_process_message(None, None)
        end = time.process_time() + 0.5
        while time.process_time() < end: pass
        """,
        cpu_seconds=0.3,
    )

    assert done.returncode == 0, done.stderr


def test_no_bounds_are_none() -> None:
    assert ran("bytearray(1 << 28)").returncode == 0
