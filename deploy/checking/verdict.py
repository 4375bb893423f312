"""What came of one check."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploy.checking.tools import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN_LINES = 10


@dataclass(frozen=True)
class Verdict:
    """PASS, FAIL or SKIP, what it is about, and what was said."""

    word: str
    about: str
    said: str = ""

    def __str__(self) -> str:
        lines = [f"{self.word:<5} {self.about}", *self.said.strip().splitlines()[-SHOWN_LINES:]]
        return "\n      ".join(lines)


def ran(about: str, command: Sequence[str]) -> Verdict:
    """Run a tool and return what came of it."""
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    return verdict_of(about, done)


def verdict_of(about: str, done: subprocess.CompletedProcess[str]) -> Verdict:
    """Return the verdict of a tool that ran."""
    if done.returncode == 0:
        return Verdict("PASS", about)
    return Verdict("FAIL", about, done.stdout[-2000:] + done.stderr[-2000:])


def listed(about: str, wrong: Sequence[str]) -> Verdict:
    """Return the verdict of a check that lists what is wrong."""
    return Verdict("FAIL" if wrong else "PASS", about, "\n".join(wrong))
