"""Waiting for drawings."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from unit.gateway.fakes import FakeTasks, ticket

from services.gateway.drawings import (
    Drawings,
    RenderTimeout,
    TaskCancelled,
    TaskFailed,
    TaskRefused,
)
from services.gateway.submissions import Ticket, Trouble

PATIENCE = timedelta(seconds=7)


def wait(begun: Ticket, end: Ticket | None = None) -> bytes:
    async def read() -> bytes:
        svg = await Drawings(FakeTasks(end), PATIENCE).wait(begun)
        return b"".join([piece async for piece in svg.pieces])

    return asyncio.run(read())


def test_a_finished_task_is_not_waited_for() -> None:
    assert wait(ticket("SUCCESS")) == b"t"


def test_a_task_under_way_is_waited_for() -> None:
    assert wait(ticket("PROGRESS"), ticket("SUCCESS")) == b"t"


def test_a_drawing_that_came_along_is_not_asked_for() -> None:
    assert wait(ticket("PROGRESS"), ticket("SUCCESS", svg=b"<svg/>")) == b"<svg/>"


def test_patience_ends() -> None:
    with pytest.raises(RenderTimeout, match="task t is not drawn after 7 s; it goes on") as caught:
        wait(ticket("PENDING"))

    assert caught.value.facts == {"task_id": "t", "seconds": "7"}


@pytest.mark.parametrize(
    ("end", "error"),
    [
        (ticket("CANCELLED"), TaskCancelled),
        (ticket("FAILURE"), TaskFailed),
        (ticket("FAILURE", trouble=Trouble("INTERNAL", "why", is_clients=False)), TaskFailed),
        (ticket("FAILURE", trouble=Trouble("NO_FACE", "why", is_clients=True)), TaskRefused),
    ],
)
@pytest.mark.parametrize("is_waited_for", [True, False])
def test_a_task_without_a_drawing_is_an_error(
    end: Ticket, error: type[Exception], is_waited_for: bool
) -> None:
    with pytest.raises(error):
        wait(ticket("PENDING") if is_waited_for else end, end)
