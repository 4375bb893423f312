"""Postgres's clock is the only one that decides: the cache's programs read no other."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

CACHE = Path(__file__).resolve().parents[3] / "services/cache"
READINGS = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today"}
READINGS |= {"date.today", "time.localtime", "time.gmtime", "datetime.datetime.now"}


def readings(program: str) -> set[str]:
    """Return the calls and mentions in a program of a clock that can be set."""
    named = {ast.unparse(node) for node in ast.walk(ast.parse(program)) if is_name(node)}
    return named & READINGS


def is_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute)


@pytest.mark.parametrize("path", sorted(CACHE.rglob("*.py")), ids=lambda path: path.stem)
def test_a_clock_that_is_set_changes_nothing_in_the_cache(path: Path) -> None:
    assert readings(path.read_text()) == set()


def test_a_reading_of_the_clock_is_found() -> None:
    assert readings("from datetime import UTC, datetime\nnow = datetime.now(UTC)") == {
        "datetime.now"
    }
