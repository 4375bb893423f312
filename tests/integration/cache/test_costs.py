"""What a call costs, counted in statements: a clock would tell of the machine instead.

A number here may fall with the code that lowers it. One that rises needs a reason: a way to
Postgres and back is most of what a small call takes.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import pytest
from integration.cache import calls
from integration.cache.calls import Photo
from integration.cache.house import House

from facesvg.v1 import cache_pb2 as pb
from services.cache import telling

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

pytestmark = pytest.mark.integration

is_counted: ContextVar[bool] = ContextVar("is_counted", default=False)
"""True in what a call does, and in tasks that it begins; the upkeep of the cache is not counted."""


class Counter(logging.Handler):
    """Keeps the statements of the calls that are counted."""

    def __init__(self) -> None:
        super().__init__()
        self.statements: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        if is_counted.get():
            self.statements.append(record.facts["sql"])  # type: ignore[attr-defined]


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """Return a running cache that tells its statements."""
    with House(database_url, DEBUG_SQL="true") as running:
        yield running


@contextmanager
def counting() -> Iterator[list[str]]:
    """Yield the statements of the calls that are made within."""
    counter = Counter()
    level = telling.logger.level
    telling.logger.setLevel(logging.INFO)
    telling.logger.addHandler(counter)
    try:
        yield counter.statements
    finally:
        telling.logger.removeHandler(counter)
        telling.logger.setLevel(level)


def cost(house: House, method: str, request: Any) -> list[str]:
    """Return the statements that one call makes."""

    async def call() -> None:
        is_counted.set(True)
        answer = getattr(house.cache.servicer, method)(request, None)
        if hasattr(answer, "__aiter__"):
            async for _ in answer:
                pass
        else:
            await answer

    with counting() as statements:
        house.run(call())
    return statements


async def sent(messages: Iterable[Any]) -> AsyncIterator[Any]:
    """Yield messages as a client's stream does."""
    for message in messages:
        yield message


def test_a_hit_takes_one_statement(house: House) -> None:
    photo = Photo()
    task_id = calls.completed(house.stub, photo)

    assert len(cost(house, "FindResult", pb.FindResultRequest(key=photo.key))) == 1
    assert len(cost(house, "ReadSvg", pb.ReadSvgRequest(task_id=task_id))) == 1
    assert len(cost(house, "GetTask", pb.GetTaskRequest(task_id=task_id, with_result=True))) == 1


def test_a_watch_takes_no_statement_beside_its_looks_which_are_everybodys(house: House) -> None:
    task_id = calls.completed(house.stub, Photo())

    assert cost(house, "WatchTask", pb.WatchTaskRequest(task_id=task_id, with_result=True)) == []


def life(house: House, photo: Photo) -> dict[str, int]:
    """Return how many statements each step of a task takes that nobody sent before."""
    task_id = calls.new_id()
    spent = {
        "find": cost(house, "FindResult", pb.FindResultRequest(key=photo.key)),
        "begin": cost(house, "BeginTask", sent(photo.messages(task_id))),
        "open": cost(house, "OpenTask", pb.OpenTaskRequest(task_id=task_id, worker="w")),
    }
    token = house.value("SELECT lease_token::text FROM task_results WHERE task_id = %s", task_id)
    spent["advance"] = cost(house, "ReportProgress", calls.advancing(task_id, token))
    spent["complete"] = cost(house, "CompleteTask", sent(calls.completion(task_id, token)))
    return {step: len(statements) for step, statements in spent.items()}


def test_many_questions_take_one_statement(house: House) -> None:
    photos = [Photo() for _ in range(20)]
    asked = pb.FindResultsRequest(requests=[pb.FindResultRequest(key=one.key) for one in photos])

    assert len(cost(house, "FindResults", sent([asked]))) == 1


def test_what_was_erased_takes_one_statement(house: House) -> None:
    cursor = house.stub.ListErasures(pb.ListErasuresRequest()).cursor

    assert len(cost(house, "ListErasures", pb.ListErasuresRequest(cursor=cursor))) == 1


def test_each_step_of_a_miss_is_one_statement(house: House) -> None:
    steps = ("find", "begin", "open", "advance", "complete")

    assert life(house, Photo()) == dict.fromkeys(steps, 1)


def test_a_photo_to_be_drawn_takes_few_more(house: House) -> None:
    assert life(house, Photo(image=calls.noise(1_000_000))) == {
        "find": 1,
        "begin": 5,
        "open": 5,
        "advance": 1,
        "complete": 6,
    }
