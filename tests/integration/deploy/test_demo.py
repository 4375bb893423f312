"""What a newcomer does first, from nothing to a drawing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import cv2
import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("demo")]


def local(root: Path, *words: str) -> str:
    """Run a command on a stack of its own and return what it said; it must succeed."""
    done = subprocess.run(
        [sys.executable, "-m", "deploy.local", "--root", root, *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def counted(root: Path, *, hits: int) -> str:
    """Return the statistics once they count `hits`, or as they are after some seconds.

    Hits are written together, every few seconds.
    """
    deadline = time.monotonic() + 15
    while True:
        statistics = local(root, "api", "GET", "/api/v1/cache/stats?days=1")
        if f'"cache_hits": {hits}' in statistics or time.monotonic() > deadline:
            return statistics


def test_demo_draws_a_face_and_remembers_it(tmp_path: Path) -> None:
    root, out = tmp_path / "stack", tmp_path / "out"
    try:
        first = local(root, "demo", "--free-ports", "--out", str(out))
        second = local(root, "demo", "--free-ports", "--out", str(out))
        health = local(root, "health")
        statistics = counted(root, hits=1)
    finally:
        local(root, "erase")

    drawing = (out / "demo.svg").read_text()
    picture = cv2.imread(str(out / "demo.png"))
    assert drawing.startswith("<svg")
    assert "data:image/jpeg;base64," in drawing
    assert picture is not None
    assert picture.shape[1] == 1024
    assert picture.std() > 30  # the photo is there, not a white page
    assert "cache hit" not in first
    assert "cache hit" in second
    assert [word in health for word in ("gateway", "processor", "cache")] == [True] * 3
    assert '"cache_hits": 1' in statistics
    assert not root.exists()
