"""Drawing one task."""

from __future__ import annotations

import pytest
from unit.processor.fakes import FakeTasks, job

from services.processor import jobs, masks
from services.processor.jobs import LeaseLost, Stopped


def draw(tasks: FakeTasks) -> object:
    jobs.draw("7", tasks, masks.Limits())  # type: ignore[arg-type] # one object plays both ports
    return tasks.outcome


def test_a_drawing_is_stored_and_its_steps_are_told() -> None:
    tasks = FakeTasks()

    outcome = draw(tasks)

    assert isinstance(outcome, masks.Drawing)
    assert len(tasks.steps) > 2


def test_a_drawings_own_error_is_stored_as_it_is() -> None:
    outcome = draw(FakeTasks(job=job(landmarks=b"[]")))

    assert isinstance(outcome, masks.NoFace)


def test_nothing_is_done_for_a_task_that_is_anothers() -> None:
    tasks = FakeTasks(job=None)

    assert draw(tasks) is None
    assert tasks.steps == []


def test_a_lost_lease_ends_the_work_quietly() -> None:
    assert draw(FakeTasks(progress_raises=LeaseLost())) is None


def test_a_mistake_of_ours_fails_the_task_without_a_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tasks = FakeTasks(progress_raises=ZeroDivisionError(), outcome="untouched")

    assert draw(tasks) is None
    assert "drawing broke" in caplog.text


def test_a_worker_that_is_told_to_stop_gives_the_task_back() -> None:
    tasks = FakeTasks(progress_raises=Stopped())

    with pytest.raises(Stopped):
        draw(tasks)

    assert tasks.outcome == "released"


def test_a_task_that_takes_too_long_keeps_its_attempt() -> None:
    class TooLong(BaseException):
        pass

    tasks = FakeTasks(progress_raises=TooLong())

    with pytest.raises(TooLong):
        draw(tasks)

    assert tasks.outcome is None  # its lease runs out, so that it cannot come for ever


def test_a_store_that_is_away_is_worth_a_retry() -> None:
    tasks = FakeTasks(progress_raises=ConnectionError())

    with pytest.raises(ConnectionError):
        draw(tasks)

    assert tasks.outcome is None
