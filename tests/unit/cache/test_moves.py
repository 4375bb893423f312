"""The table of allowed moves."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from services.cache.moves import (
    ALLOWED,
    Advanced,
    Cancelled,
    ForbiddenMove,
    Lapsed,
    Leased,
    Released,
    check,
)
from services.cache.records import FINAL, Status, Task

if TYPE_CHECKING:
    from services.cache.moves import Move

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LEASED = Leased(uuid.UUID(int=1), "worker", timedelta(minutes=1))


def task(status: Status) -> Task:
    return Task(uuid.UUID(int=2), "0" * 64, status, submitted_at=NOW, read_at=NOW)


@pytest.mark.parametrize("status", sorted(FINAL))
def test_nothing_follows_an_end(status: Status) -> None:
    assert ALLOWED[status] == frozenset()
    with pytest.raises(ForbiddenMove):
        check(task(status), LEASED)


def test_every_status_has_its_moves() -> None:
    assert set(ALLOWED) == set(Status)


@pytest.mark.parametrize("move", [LEASED, Cancelled(timedelta(1))])
def test_a_waiting_task_may_begin_or_be_cancelled(move: Move) -> None:
    check(task(Status.PENDING), move)


@pytest.mark.parametrize("move", [Released(), Lapsed()])
def test_a_waiting_task_cannot_come_back(move: Move) -> None:
    with pytest.raises(ForbiddenMove, match="cannot go from PENDING to PENDING"):
        check(task(Status.PENDING), move)


@pytest.mark.parametrize("move", [LEASED, Advanced("draw", 50), Released(), Lapsed()])
def test_a_task_being_drawn_may_go_on_or_back(move: Move) -> None:
    check(task(Status.PROGRESS), move)
