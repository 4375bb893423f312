"""Waking those who watch tasks."""

from __future__ import annotations

import uuid

from unit.loops import looped

from services.cache.listening import Changes

TASK, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


@looped
async def test_those_who_watch_a_task_are_woken_and_no_others() -> None:
    changes = Changes("")
    with changes.of(TASK) as one, changes.of(TASK) as two, changes.of(OTHER) as other:
        changes.tell(TASK)

        assert [event.is_set() for event in (one, two, other)] == [True, True, False]
