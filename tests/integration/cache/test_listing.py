"""ListTasks: pages without gaps or repetitions, newest first."""

from __future__ import annotations

import base64
import functools
import operator
from typing import TYPE_CHECKING

import grpc
import pytest
from integration.cache import calls

from facesvg.v1 import cache_pb2 as pb

if TYPE_CHECKING:
    from integration.cache.house import House

pytestmark = pytest.mark.integration

MANY = """
INSERT INTO task_results (task_id, input_hash, submitted_at)
SELECT gen_random_uuid(), encode(sha256(n::text::bytea), 'hex'),
    now() - make_interval(secs => n / 3)
FROM generate_series(1, %s) AS n
"""


def pages(house: House, size: int) -> list[list[str]]:
    found = []
    request = pb.ListTasksRequest(page_size=size)
    while True:
        answer = house.stub.ListTasks(request)
        found.append([task.task_id for task in answer.tasks])
        if not answer.next_page_token:
            return found
        request.page_token = answer.next_page_token


def newest_first(house: House) -> list[str]:
    query = "SELECT task_id::text FROM task_results ORDER BY submitted_at DESC, task_id DESC"
    return [task_id for (task_id,) in house.sql(query)]


def test_no_tasks_are_one_empty_page(house: House) -> None:
    assert pages(house, 10) == [[]]


def test_pages_have_every_task_once(house: House) -> None:
    house.sql(MANY, 25)

    found = pages(house, 10)

    assert [len(page) for page in found] == [10, 10, 5]
    assert functools.reduce(operator.iadd, found, []) == newest_first(house)


def test_the_last_page_may_be_full(house: House) -> None:
    house.sql(MANY, 20)

    assert [len(page) for page in pages(house, 10)] == [10, 10]


def test_tasks_that_come_meanwhile_move_nothing(house: House) -> None:
    house.sql(MANY, 4)
    first = house.stub.ListTasks(pb.ListTasksRequest(page_size=2))
    expected = newest_first(house)[2:]

    calls.begun(house.stub)

    rest = house.stub.ListTasks(pb.ListTasksRequest(page_token=first.next_page_token))
    assert [task.task_id for task in rest.tasks] == expected


@pytest.mark.parametrize(("asked", "given"), [(0, 50), (1000, 1000), (5000, 1000)])
def test_page_sizes_are_bounded(house: House, asked: int, given: int) -> None:
    house.sql(MANY, 1001)

    answer = house.stub.ListTasks(pb.ListTasksRequest(page_size=asked))

    assert len(answer.tasks) == given


def test_a_negative_page_size_is_refused(house: House) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        house.stub.ListTasks(pb.ListTasksRequest(page_size=-1))

    assert calls.refusal(refused.value) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    "token", ["foreign", "é", "AAAA", base64.urlsafe_b64encode(b"2026-01-01 17").decode()]
)
def test_a_foreign_token_is_refused(house: House, token: str) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        house.stub.ListTasks(pb.ListTasksRequest(page_token=token))

    assert calls.info(refused.value).metadata == {"field": "page_token", "value": token}


def test_a_line_says_how_a_task_ended(house: House) -> None:
    drawn = calls.completed(house.stub)
    failed = calls.begun(house.stub)
    token = calls.leased(house.stub, failed)
    house.stub.FailTask(calls.failing(failed, token, deterministic=True))

    newest, oldest = house.stub.ListTasks(pb.ListTasksRequest()).tasks

    assert (newest.task_id, newest.status, newest.error_type) == (failed, "FAILURE", "NO_FACE")
    assert (oldest.task_id, oldest.status, oldest.regions_detected) == (drawn, "SUCCESS", 1)
    assert oldest.HasField("completed_at")
