"""Pictures that headers do not give away: their tasks fail with a reason, and workers go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from faces import damaged_png, deep_bomb
from faults.inputs import files, photo
from faults.traffic import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psutil
    from suite import Suite

# One stack is enough for all of them.
pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]

MIB = 2**20
SPARE_MIB = 200
"""What a worker may take beyond its programs: half of what the bomb takes."""
BOMB_SIDE = 7000


@pytest.fixture(scope="module")
def bounded(suite: Suite) -> Iterator[Suite]:
    """Return the suite with workers that may take little memory."""
    suite.finished(suite.submit(files(next(NUMBERS)))["task_id"])
    taken = max(process.memory_info().vms for process in workers(suite)) // MIB
    keeper = suite.stack.part("worker")
    keeper._environment["WORKER_MEMORY_MB"] = str(taken + SPARE_MIB)
    suite.stack.restart("worker")
    yield suite
    del keeper._environment["WORKER_MEMORY_MB"]
    suite.stack.restart("worker")


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
    assert {process.pid for process in workers(bounded)} == before
