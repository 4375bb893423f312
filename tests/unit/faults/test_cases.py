"""The table of faults names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
ROWS = re.findall(
    r"^\| (\d+) [^|]*\| (.*) \|$",
    (REPOSITORY / "tests/faults/README.md").read_text(),
    flags=re.MULTILINE,
)


def test_every_case_has_a_test_or_a_reason() -> None:
    assert {int(number) for number, _ in ROWS} == set(range(1, 23))
    assert all("`tests/" in where or where.startswith("not here: ") for _, where in ROWS)


def test_every_test_that_is_named_is_there() -> None:
    named = re.findall(r"`(tests/[^`:]+)::(\w+)`", "\n".join(where for _, where in ROWS))
    missing = [
        f"{file}::{name}"
        for file, name in named
        if f"def {name}(" not in (REPOSITORY / file).read_text()
    ]

    assert len(named) > 20
    assert missing == []
