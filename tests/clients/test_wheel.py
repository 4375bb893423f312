"""The client's wheel: small, and enough by itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from faces import FACES

if TYPE_CHECKING:
    from suite import Suite

pytestmark = [pytest.mark.e2e, pytest.mark.toolchain]

ROOT = Path(__file__).parents[2]
HOPPER = FACES / "hopper"
LARGEST_WHEEL = 200_000
"""Bytes; it has 115 000."""
LARGEST_VENV = 120_000_000
"""Bytes of everything it is installed with; most of them are grpcio's."""


def test_the_wheel_draws_in_a_venv_of_its_own(suite: Suite, tmp_path: Path) -> None:
    build = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path)]
    subprocess.run([sys.executable, *build, str(ROOT / "clients/python")], check=True)
    [wheel] = tmp_path.glob("*.whl")
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    install = ["install", "--quiet", "-c", str(ROOT / "constraints.txt"), str(wheel)]
    subprocess.run([venv / "bin/pip", *install], check=True)
    packages = next((venv / "lib").glob("python*/site-packages"))
    size = sum(path.stat().st_size for path in packages.rglob("*") if path.is_file())

    drawn = subprocess.run(
        [
            venv / "bin/facesvg",
            *("draw", HOPPER / "photo.jpg", "-l", HOPPER / "landmarks.json", "-o", "face.svg"),
            *("--json", "--url", suite.stack.url),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert len(json.loads(drawn.stdout)["regions"]) == 27
    assert (tmp_path / "face.svg").read_text().startswith("<svg")
    assert {path.name for path in packages.iterdir()}.isdisjoint({"cv2", "numpy", "services"})
    assert (packages / "facesvg_client/LICENSE").is_file()
    assert wheel.stat().st_size < LARGEST_WHEEL
    assert size < LARGEST_VENV
