"""Pictures that headers do not give away: their tasks fail with a reason, and workers go on."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from faces import bomb, damaged_png, deep_bomb
from faults.inputs import files, photo
from faults.traffic import NUMBERS
from suite import FINAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psutil
    from suite import Suite

# One stack is enough for all of them.
pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]

MIB = 2**20
SPARE_MIB = 200
"""What a worker may take beyond its programs: half of what the bomb takes."""
ENOUGH_MIB = 4096
"""What no picture of these takes."""
BOMB_SIDE = 7000
CPU_SECONDS = 0.2
"""What a task may compute: ten times what a small one does, and a part of what the bomb does."""


@pytest.fixture(scope="module")
def bounded(suite: Suite) -> Iterator[Suite]:
    """Return the suite with workers that may take little memory."""
    suite.finished(suite.submit(files(next(NUMBERS)))["task_id"])
    taken = max(process.memory_info().vms for process in workers(suite)) // MIB
    with started_with(suite, "worker", "WORKER_MEMORY_MB", taken + SPARE_MIB):
        yield suite


@contextmanager
def started_with(suite: Suite, part: str, variable: str, value: float) -> Iterator[None]:
    """Start a part anew with a setting, and as it was afterwards."""
    keeper = suite.stack.part(part)
    before = dict(keeper._environment)
    keeper._environment[variable] = str(value)
    suite.stack.restart(part)
    try:
        yield
    finally:
        keeper._environment.clear()
        keeper._environment.update(before)
        suite.stack.restart(part)


def kept(suite: Suite, task_id: str) -> dict[str, Any]:
    """Return a task, having started the worker anew if it is gone, as what keeps it would."""
    if not suite.stack.part("worker").is_alive:
        suite.stack.restart("worker")
    return suite.status(task_id)


def workers(suite: Suite) -> list[psutil.Process]:
    return [suite.process("worker"), *suite.process("worker").children(recursive=True)]


@pytest.mark.parametrize(
    ("image", "reason", "sentence"),
    [
        (lambda: deep_bomb(BOMB_SIDE), "TOO_MANY_PIXELS", "takes more memory than one task"),
        (lambda: damaged_png(photo()), "CORRUPT_IMAGE", "pixels cannot be decoded"),
    ],
    ids=["a bomb within the limit of pixels", "damaged pixels"],
)
def test_pixels_that_cannot_be_had_fail_their_task_alone(
    bounded: Suite, image: Callable[[], bytes], reason: str, sentence: str
) -> None:
    before = {process.pid for process in workers(bounded)}
    parts = files(next(NUMBERS)) | {"image": image()}

    task = bounded.finished(bounded.submit(parts, data={"embed_image": "true"})["task_id"])

    assert (task["status"], task["error"]["type"]) == ("FAILURE", reason)
    assert sentence in task["error"]["message"]
    assert task["attempt"] == 1
    assert bounded.finished(bounded.submit(files(next(NUMBERS)))["task_id"])["status"] == "SUCCESS"
    # Dramatiq adds the process of the page of metrics once its workers have begun.
    assert before <= {process.pid for process in workers(bounded)}


def test_a_picture_that_takes_too_long_is_given_up_and_others_are_drawn(suite: Suite) -> None:
    with (
        started_with(suite, "cache", "TASK_MAX_ATTEMPTS", 1),
        started_with(suite, "worker", "WORKER_MEMORY_MB", ENOUGH_MIB),
        started_with(suite, "worker", "WORKER_CPU_SECONDS", CPU_SECONDS),
    ):
        slow = files(next(NUMBERS)) | {"image": bomb(BOMB_SIDE)}
        given_up = suite.submit(slow, data={"embed_image": "true"})["task_id"]

        task = suite.until(lambda: kept(suite, given_up), lambda task: task["status"] in FINAL)
        small = suite.finished(suite.submit(files(next(NUMBERS)))["task_id"])

    assert (task["status"], task["error"]["type"]) == ("FAILURE", "TOO_MANY_ATTEMPTS")
    assert task["error"]["message"]
    assert "result" not in task
    assert small["status"] == "SUCCESS"
