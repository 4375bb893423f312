"""The README's examples do what it says, on a running suite."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from e2e.examples import NEEDED, ROOT, examples, run

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


def test_a_task_is_watched_asked_for_and_taken_along(suite: Suite, tmp_path: Path) -> None:
    told = run(example("crop/submit"), suite, tmp_path)

    assert '"status":"SUCCESS"' in told
    assert "data: {" in told
    assert told.rstrip().endswith("</svg>")


def test_buf_curl_speaks_grpc_by_reflection(suite: Suite, tmp_path: Path) -> None:
    answer = json.loads(run(example("buf curl"), suite, tmp_path))

    assert answer["days"] == 7
