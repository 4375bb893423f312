"""The REST interface keeps to its own description, as schemathesis reads it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from suite import Suite

API = Path(__file__).resolve().parents[1] / "api"
EXAMPLES = os.environ.get("API_EXAMPLES", "")
"""Examples of each method; without, a few, and no run through every bound."""

pytestmark = pytest.mark.e2e


def test_every_answer_is_one_that_is_described(suite: Suite, tmp_path: Path) -> None:
    phases = "examples,coverage,fuzzing,stateful" if EXAMPLES else "examples,fuzzing,stateful"
    command = [sys.executable, "-m", "schemathesis.cli"]
    command += ["--config-file", str(API / "schemathesis.toml"), "--no-color"]
    command += ["run", f"{suite.stack.url}/openapi.json", "--phases", phases]
    command += ["--max-examples", EXAMPLES or "4", "--warnings", "off"]

    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(API)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-10_000:] + done.stderr[-2000:]
