"""Page tokens."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cache.errors import InvalidArgument
from services.cache.pages import Place, place, size

times = st.datetimes(timezones=st.just(UTC))


@given(times, st.uuids())
def test_a_token_leads_back_to_its_place(when: datetime, task_id: UUID) -> None:
    assert place(Place(when, task_id).token()) == Place(when, task_id)


def test_the_empty_token_is_the_beginning() -> None:
    assert place("") is None


@given(st.text(min_size=1, max_size=100))
def test_any_other_text_is_refused(token: str) -> None:
    with pytest.raises(InvalidArgument, match="page_token is"):
        place(token)


def test_a_time_without_a_zone_is_refused() -> None:
    token = base64.urlsafe_b64encode(f"2026-01-01 {UUID(int=1)}".encode()).decode()

    with pytest.raises(InvalidArgument):
        place(token)


def test_a_negative_size_is_refused_with_what_would_be_right() -> None:
    with pytest.raises(InvalidArgument, match="page_size is -1; expected 0 to 1000") as refused:
        size(-1)

    assert refused.value.facts == {"field": "page_size", "value": "-1"}
