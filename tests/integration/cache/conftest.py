"""The cache on a database of the test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from integration.cache.house import House

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """Return a running cache."""
    with House(database_url) as running:
        yield running


@pytest.fixture
def house_with(database_url: str) -> Iterator[Callable[..., House]]:
    """Return what starts a cache with settings of one's own; all share the test's database."""
    houses: list[House] = []

    def start(**variables: str) -> House:
        houses.append(House(database_url, **variables).__enter__())
        return houses[-1]

    try:
        yield start
    finally:
        for running in houses:
            running.__exit__()
