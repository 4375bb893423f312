"""The folder that the processes of a worker count in."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def test_the_folders_of_workers_that_are_no_more_are_deleted(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left, held, other = (
        tmp_path / f"facesvg-worker-{owner}-{pid}"
        for owner, pid in ((os.geteuid(), dead.pid), (os.geteuid(), os.getppid()), (9, dead.pid))
    )
    for folder in (left, held, other):
        folder.mkdir()
        (folder / "counter_1.db").touch()
    without = {k: v for k, v in os.environ.items() if k != "PROMETHEUS_MULTIPROC_DIR"}

    subprocess.run(
        [sys.executable, "-c", "from services.processor import _multiprocess"],
        check=True,
        env={**without, "TMPDIR": str(tmp_path)},
    )

    assert not left.exists()
    assert held.exists()
    assert other.exists()


def test_what_a_dead_process_left_is_deleted_and_a_living_one_keeps_its_own(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left, held = tmp_path / f"counter_{dead.pid}.db", tmp_path / f"gauge_all_{os.getpid()}.db"
    left.touch()
    held.touch()

    subprocess.run(
        [sys.executable, "-c", "from services.processor import _multiprocess"],
        check=True,
        env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)},
    )

    assert list(tmp_path.iterdir()) == [held]
