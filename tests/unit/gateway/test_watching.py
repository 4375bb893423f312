"""Watching that outlives its connection."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from services.gateway import watching
from services.gateway.watching import Interrupted, lasting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PATIENT = timedelta(seconds=60)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "FIRST_PAUSE", 0.0)


def watch(*streams: list[int | Exception], patience: timedelta = PATIENT) -> list[int]:
    """Return the records of streams, one opened after the other; 9 is final."""
    left = list(streams)

    async def stream() -> AsyncIterator[int]:
        for record in left.pop(0):
            if isinstance(record, Exception):
                raise record
            yield record

    async def collect() -> list[int]:
        return [r async for r in lasting(stream, lambda record: record == 9, patience)]

    return asyncio.run(collect())


@pytest.mark.parametrize(
    ("streams", "records"),
    [
        ([[1, 2, 9]], [1, 2, 9]),
        ([[9]], [9]),
        ([[1], [2, 9]], [1, 2, 9]),
        ([[1, ConnectionError()], [], [ConnectionError()], [9]], [1, 9]),
        ([[1, 9, 10]], [1, 9]),
        ([[ConnectionError()], [], [9]], [9]),
    ],
)
def test_records_come_until_a_final_one(
    streams: list[list[int | Exception]], records: list[int]
) -> None:
    assert watch(*streams) == records


@pytest.mark.parametrize(
    ("stream", "error"),
    [([], Interrupted), ([ConnectionError()], ConnectionError), ([LookupError()], LookupError)],
)
def test_a_watch_that_never_begins_is_an_error(
    stream: list[int | Exception], error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "BEGINNING", 0.0)

    with pytest.raises(error):
        watch(stream)


def test_an_error_that_is_not_of_the_connection_ends_the_watch() -> None:
    with pytest.raises(LookupError):
        watch([1], [LookupError()])


def test_patience_ends() -> None:
    with pytest.raises(Interrupted):
        watch([1], *[[]] * 100, patience=timedelta(0))
