"""Counting what workers do."""

from __future__ import annotations

from itertools import count

import pytest
from prometheus_client import REGISTRY
from unit.processor.fakes import FakeTasks, job

from services.processor import jobs, masks
from services.processor.counting import CountedTasks


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def draw(tasks: FakeTasks) -> None:
    """Draw a task by a clock that moves on a second at every look."""
    clock = map(float, count()).__next__
    counted = CountedTasks(tasks, clock)  # type: ignore[arg-type] # one object plays both ports
    jobs.draw("7", counted, masks.Limits())


def grown(name: str, tasks: FakeTasks, **labels: str) -> float:
    """Return by how much a series grows while one task is drawn."""
    before = value(name, **labels)
    draw(tasks)
    return value(name, **labels) - before


@pytest.mark.parametrize(
    ("name", "labels", "expected"),
    [
        ("task_completions_total", {"status": "SUCCESS"}, 1),
        ("task_completions_total", {"status": "FAILURE"}, 0),
        ("landmarks_processed_total", {}, 478),
        ("regions_generated_total", {}, 27),
        ("image_processing_duration_seconds_count", {"step": "write"}, 1),
        ("image_processing_duration_seconds_sum", {"step": "write"}, 1),
        ("task_processing_duration_seconds_count", {}, 1),
        ("workers_busy", {}, 0),
    ],
)
def test_a_drawing_is_counted_when_it_is_stored(
    name: str, labels: dict[str, str], expected: float
) -> None:
    assert grown(name, FakeTasks(), **labels) == expected


def test_a_photo_that_cannot_be_drawn_is_a_failure_and_no_mistake_of_ours() -> None:
    broken = FakeTasks(job=job(landmarks=b"[]"))

    assert grown("task_completions_total", broken, status="FAILURE") == 1
    assert grown("errors_total", broken, type="drawing", component="worker") == 0


def test_a_mistake_of_ours_is_counted_as_one() -> None:
    broken = FakeTasks(progress_raises=RuntimeError("broken"))

    assert grown("errors_total", broken, type="drawing", component="worker") == 1


def test_a_task_that_another_holds_is_not_counted() -> None:
    assert grown("task_processing_duration_seconds_count", FakeTasks(job=None)) == 0


def test_what_was_counted_reaches_the_source() -> None:
    tasks = FakeTasks()

    draw(tasks)

    assert isinstance(tasks.outcome, masks.Drawing)
    assert tasks.steps
