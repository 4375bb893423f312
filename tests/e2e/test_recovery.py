"""An accepted task is a drawing or a clear failure, whatever is lost on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import redis
from faces import face, fresh

if TYPE_CHECKING:
    from suite import Suite

HOPPER = face("hopper")

pytestmark = pytest.mark.e2e


def test_tasks_outlive_a_redis_that_forgets_everything(suite: Suite) -> None:
    suite.stack.part("worker").stop()
    accepted = [suite.submit(fresh(HOPPER, 500 + n).files)["task_id"] for n in range(3)]

    with redis.Redis.from_url(suite.stack.environment["REDIS_URL"]) as client:
        client.flushall()
    suite.stack.restart("worker")

    assert {suite.finished(task)["status"] for task in accepted} == {"SUCCESS"}


def test_tasks_outlive_a_worker_that_is_killed(suite: Suite) -> None:
    accepted = [suite.submit(fresh(HOPPER, 510 + n).files)["task_id"] for n in range(6)]

    suite.stack.part("worker").kill()
    suite.stack.restart("worker")

    finished = [suite.finished(task) for task in accepted]
    assert {task["status"] for task in finished} == {"SUCCESS"}
    assert max(task["attempt"] for task in finished) <= 2


@pytest.mark.parametrize("part", ["cache", "processor", "gateway"])
def test_tasks_outlive_a_service_that_is_killed(suite: Suite, part: str) -> None:
    accepted = [suite.submit(fresh(HOPPER, 520 + n).files)["task_id"] for n in range(3)]

    suite.stack.part(part).kill()
    suite.stack.restart(part)
    suite.until(lambda: suite.rest.get("/health").status_code, lambda status: status == 200)

    assert {suite.finished(task)["status"] for task in accepted} == {"SUCCESS"}
