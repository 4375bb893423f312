"""LeaveTask: a task goes on as long as one submission that was told of it has not let go."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import grpc
import pytest
from integration.cache import calls
from integration.cache.calls import FOLLOWER, OWNER, Photo

from facesvg.v1 import cache_pb2 as pb

if TYPE_CHECKING:
    from integration.cache.house import House

    from facesvg.v1 import task_pb2

pytestmark = pytest.mark.integration

AT_ONCE = 10


def leave(house: House, task_id: str, tenant: str = "") -> task_pb2.Task:
    return house.stub.LeaveTask(pb.LeaveTaskRequest(task_id=task_id, tenant=tenant)).task


def test_a_task_that_its_only_holder_leaves_is_cancelled(house: House) -> None:
    task_id = calls.begun(house.stub)

    assert leave(house, task_id).status == "CANCELLED"
    assert house.value("SELECT count(*) FROM task_inputs") == 0
    assert calls.opened(house.stub, task_id)[0].outcome == calls.FINAL


def test_the_worker_of_a_task_that_was_left_is_told(house: House) -> None:
    task_id = calls.begun(house.stub)
    token = calls.leased(house.stub, task_id)

    leave(house, task_id)

    with pytest.raises(grpc.RpcError) as caught:
        house.stub.ReportProgress(calls.advancing(task_id, token))
    assert calls.info(caught.value).reason == "TASK_CANCELLED"


def test_a_task_that_somebody_else_submitted_too_goes_on_until_all_have_left(house: House) -> None:
    photo = Photo()
    task_id = calls.begun(house.stub, photo)
    assert calls.begin(house.stub, photo).outcome == FOLLOWER

    assert leave(house, task_id).status == "PENDING"
    assert leave(house, task_id).status == "CANCELLED"


def test_the_owner_that_asks_again_holds_once(house: House) -> None:
    photo, task_id = Photo(), calls.new_id()
    for _ in range(2):
        assert calls.begin(house.stub, photo, task_id).outcome == OWNER

    assert leave(house, task_id).status == "CANCELLED"


def test_what_was_left_is_begun_anew_for_the_next(house: House) -> None:
    photo = Photo()
    left = calls.begun(house.stub, photo)
    leave(house, left)

    answer = calls.begin(house.stub, photo)

    assert answer.outcome == OWNER
    assert answer.task.task_id != left


def test_a_drawing_stays_whoever_leaves(house: House) -> None:
    task_id = calls.completed(house.stub)

    assert leave(house, task_id).status == "SUCCESS"
    assert calls.read_svg(house.stub, task_id) == calls.SVG


def test_a_task_begun_by_a_version_that_does_not_count_goes_on(house: House) -> None:
    photo = Photo()
    task_id = calls.begun(house.stub, photo)
    house.sql("UPDATE task_results SET holders = NULL")
    calls.begin(house.stub, photo)

    for _ in range(3):
        assert leave(house, task_id).status == "PENDING"


def test_another_tenants_task_cannot_be_left(house: House) -> None:
    task_id = calls.begun(house.stub)

    with pytest.raises(grpc.RpcError) as caught:
        leave(house, task_id, "ben")

    assert caught.value.code() == grpc.StatusCode.NOT_FOUND
    assert calls.got(house.stub, task_id).status == "PENDING"


def test_whoever_joins_while_others_leave_is_never_told_of_a_cancelled_task(house: House) -> None:
    photo = Photo()

    def come_and_stay(_: int) -> str:
        return calls.begin(house.stub, photo).task.task_id

    def come_and_go(_: int) -> str:
        task_id = calls.begin(house.stub, photo).task.task_id
        leave(house, task_id)
        return task_id

    with ThreadPoolExecutor(AT_ONCE) as threads:
        passing = [threads.submit(come_and_go, n) for n in range(4 * AT_ONCE)]
        staying = [threads.submit(come_and_stay, n) for n in range(3)]

    held = {stays.result() for stays in staying}
    assert [calls.got(house.stub, task_id).status for task_id in held] == ["PENDING"]
    ended = {passes.result() for passes in passing} - held
    assert {calls.got(house.stub, task_id).status for task_id in ended} <= {"CANCELLED"}
    assert house.value("SELECT holders FROM task_results WHERE status = 'PENDING'") == 3
