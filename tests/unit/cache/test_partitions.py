"""Names and bounds of the history's partitions."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.cache.partitions import days, making, name


@given(st.lists(st.dates(min_value=date(1000, 1, 1)), unique=True))
def test_a_name_tells_its_day(dates: list[date]) -> None:
    assert list(days(map(name, dates))) == dates


def test_tables_of_other_names_are_nobodys_day() -> None:
    assert list(days(["processing_metrics", "processing_metrics_old", "tasks_20260101"])) == []


def test_a_partition_has_one_day_of_utc() -> None:
    statement = making(date(2026, 12, 31)).as_string(None)

    assert statement == (
        'CREATE TABLE "processing_metrics_20261231" PARTITION OF processing_metrics FOR VALUES '
        "FROM ('2026-12-31T00:00:00+00:00') TO ('2027-01-01T00:00:00+00:00')"
    )
