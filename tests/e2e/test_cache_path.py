"""Nothing is drawn twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg
import pytest
from faces import Face, face, fresh

if TYPE_CHECKING:
    from suite import Suite

HOPPER = face("hopper")

pytestmark = pytest.mark.e2e


def test_fifty_submits_at_once_are_drawn_once(suite: Suite) -> None:
    photo = fresh(HOPPER, 301)
    before = suite.task_ids()

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: suite.submit(photo.files), range(50)))

    ids = {answer["task_id"] for answer in answers}
    assert len(ids) == 1
    task = suite.finished(ids.pop())
    assert (task["status"], task["attempt"]) == ("SUCCESS", 1)
    assert len(suite.task_ids() - before) == 1


def test_an_error_of_the_drawing_is_remembered(suite: Suite) -> None:
    """A photo whose header is right and whose pixels are not fails only when it is drawn."""
    photo = bytearray(face("astronaut").photo)
    photo[200_000:201_000] = bytes(1000)
    broken = Face(bytes(photo), face("astronaut").landmarks, face("astronaut").label_map)

    first = suite.submit(broken.files, data={"embed_image": "true"})
    task = suite.finished(first["task_id"])
    second = suite.submit(broken.files, data={"embed_image": "true"})

    assert (task["status"], task["error"]["type"]) == ("FAILURE", "CORRUPT_IMAGE")
    assert second["cache_hit"] is True
    assert (second["task_id"], second["status"]) == (first["task_id"], "FAILURE")


def test_hits_are_counted(suite: Suite) -> None:
    photo = fresh(HOPPER, 302)
    first = suite.submit(photo.files)
    suite.finished(first["task_id"])
    for _ in range(3):
        assert suite.submit(photo.files)["cache_hit"]

    hits = suite.until(
        lambda: suite.status(first["task_id"])["result"]["cache_hits"], lambda hits: hits >= 3
    )

    assert hits == 3


def test_a_damaged_drawing_is_never_sent_and_is_drawn_again(suite: Suite) -> None:
    photo = fresh(HOPPER, 303)
    first = suite.submit(photo.files)["task_id"]
    whole = suite.svg(first)
    with psycopg.connect(suite.stack.environment["DATABASE_URL"]) as database:
        row = "UPDATE task_results SET svg_data = substr(svg_data, 2) WHERE task_id = %s"
        assert database.execute(row, (first,)).rowcount == 1

    refused = suite.rest.get(f"/api/v1/frontal/crop/svg/{first}")
    again = suite.submit(photo.files)

    assert refused.status_code == 500
    assert [detail["reason"] for detail in refused.json()["details"]] == ["DATA_LOSS"]
    assert again["cache_hit"] is False
    assert suite.svg(again["task_id"]) == whole
