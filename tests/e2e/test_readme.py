"""The README's examples do what it says, on a running suite."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from faces import face

if TYPE_CHECKING:
    from suite import Suite

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
EXAMPLES = re.findall(r"```bash\n(.*?)```", README, re.DOTALL)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not (shutil.which("curl") and shutil.which("jq")), reason="the examples use curl and jq"
    ),
]


def run(example: str, suite: Suite, folder: Path) -> str:
    """Run an example as a reader would, but on this suite and in a folder of its own."""
    command = example.replace("localhost:8000", "{}:{}".format(*suite.door))
    command = command.replace(".venv/bin/", f"{Path(sys.executable).parent}/")
    (folder / "tests").symlink_to(ROOT / "tests")
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def example(words: str) -> str:
    found: str
    [found] = [text for text in EXAMPLES if words in text]
    return found


def test_rendering_writes_an_svg(suite: Suite, tmp_path: Path) -> None:
    run(example("crop/render"), suite, tmp_path)

    assert (tmp_path / "face.svg").read_text().startswith("<svg")


@pytest.mark.parametrize("words", ["crop/submit \\\n", "jq -n --rawfile"], ids=["form", "json"])
def test_submitting_answers_with_a_task(suite: Suite, tmp_path: Path, words: str) -> None:
    answer = json.loads(run(example(words), suite, tmp_path))

    assert suite.finished(answer["task_id"])["status"] == "SUCCESS"


def test_the_newest_task_can_be_asked_for_in_three_ways(suite: Suite, tmp_path: Path) -> None:
    suite.finished(suite.submit(face("hopper").files)["task_id"])

    told = run(example("cache/recent?limit=1"), suite, tmp_path)

    assert '"status":"SUCCESS"' in told
    assert "data: {" in told
    assert "<svg" in told


def test_buf_curl_speaks_grpc_by_reflection(suite: Suite, tmp_path: Path) -> None:
    answer = json.loads(run(example("buf curl"), suite, tmp_path))

    assert answer["days"] == 7


def test_a_wrong_option_is_told_the_right_one(suite: Suite, tmp_path: Path) -> None:
    answer = json.loads(run(example("?opacity=1"), suite, tmp_path))

    assert answer["message"] in README
