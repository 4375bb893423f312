"""The folder that the processes of a worker count in."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


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
