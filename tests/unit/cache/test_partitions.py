"""Names of the history's partitions."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.cache.partitions import days, name


@given(st.lists(st.dates(min_value=date(1000, 1, 1)), unique=True))
def test_a_name_tells_its_day(dates: list[date]) -> None:
    assert list(days(map(name, dates))) == dates


def test_tables_of_other_names_are_nobodys_day() -> None:
    assert list(days(["processing_metrics", "processing_metrics_old", "tasks_20260101"])) == []
