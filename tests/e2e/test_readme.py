"""The README's examples do what it says, on a running suite."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from e2e.examples import NEEDED, ROOT, examples, run
from faces import face

if TYPE_CHECKING:
    from pathlib import Path

    from suite import Suite

README = (ROOT / "README.md").read_text()

pytestmark = [pytest.mark.e2e, NEEDED]


def example(words: str) -> str:
    found: str
    [found] = [one.command for one in examples(README) if words in one.command]
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
