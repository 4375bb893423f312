"""The examples of a page of documentation, and running them as a reader would."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suite import Suite

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
NEEDED = pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("jq")), reason="the examples use curl and jq"
)


@dataclass(frozen=True)
class Example:
    """A command, and the answer that stands below it: its language and text, or nothing."""

    heading: str
    command: str
    language: str = ""
    answer: str = ""


def examples(page: str) -> Sequence[Example]:
    """Return the commands of a page, each with the answer that it has."""
    found: list[Example] = []
    for match in BLOCK.finditer(page):
        language, text = match[1], match[2]
        if language == "bash":
            heading = HEADING.findall(BLOCK.sub("", page[: match.start()]))[-1]
            found.append(Example(heading, text))
        elif found and not found[-1].answer:
            found[-1] = Example(found[-1].heading, found[-1].command, language, text)
    return found


def run(command: str, suite: Suite, folder: Path) -> str:
    """Run a command on this suite and in a folder of its own, and return what it prints."""
    command = command.replace("localhost:8000", "{}:{}".format(*suite.door))
    command = command.replace(".venv/bin/", f"{Path(sys.executable).parent}/")
    if not (folder / "tests").exists():
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
