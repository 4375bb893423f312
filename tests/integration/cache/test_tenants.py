"""Tenants: one store, and nothing of one tenant's tasks is another's to see or to touch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from integration.cache import calls
from integration.cache.calls import FOLLOWER, HIT, OWNER, Photo

from facesvg.v1 import cache_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Callable

    from integration.cache.house import House

pytestmark = pytest.mark.integration

ANA, BEN = "ana", "ben"

ABOUT_ONE: dict[str, Callable[[House, str, str], object]] = {
    "GetTask": lambda house, task_id, tenant: house.stub.GetTask(
        pb.GetTaskRequest(task_id=task_id, tenant=tenant, with_result=True)
    ),
    "WatchTask": lambda house, task_id, tenant: list(
        house.stub.WatchTask(pb.WatchTaskRequest(task_id=task_id, tenant=tenant))
    ),
    "ReadSvg": lambda house, task_id, tenant: list(
        house.stub.ReadSvg(pb.ReadSvgRequest(task_id=task_id, tenant=tenant))
    ),
    "CancelTask": lambda house, task_id, tenant: house.stub.CancelTask(
        pb.CancelTaskRequest(task_id=task_id, tenant=tenant)
    ),
    "DeleteTask": lambda house, task_id, tenant: house.stub.DeleteTask(
        pb.DeleteTaskRequest(task_id=task_id, tenant=tenant)
    ),
}


@dataclass(frozen=True)
class Owned(Photo):
    """A photo that a tenant submits."""

    tenant: str = ANA

    @property
    def key(self) -> pb.TaskKey:
        key = super().key
        key.tenant = self.tenant
        return key


def listed(house: House, tenant: str, **more: Any) -> pb.ListTasksResponse:
    return house.stub.ListTasks(pb.ListTasksRequest(tenant=tenant, **more))


@pytest.mark.parametrize("stranger", [BEN, ""])
@pytest.mark.parametrize("call", ABOUT_ONE.values(), ids=ABOUT_ONE)
@pytest.mark.parametrize("is_drawn", [True, False], ids=["drawn", "waiting"])
def test_anothers_task_is_not_found(
    house: House, call: Callable[[House, str, str], object], stranger: str, *, is_drawn: bool
) -> None:
    photo = Owned()
    begin = calls.completed if is_drawn else calls.begun
    task_id = begin(house.stub, photo)

    with pytest.raises(grpc.RpcError) as refused:
        call(house, task_id, stranger)

    assert calls.refusal(refused.value) == (grpc.StatusCode.NOT_FOUND, "TASK_NOT_FOUND")
    mine = house.stub.GetTask(pb.GetTaskRequest(task_id=task_id, tenant=ANA)).task
    assert mine.status == ("SUCCESS" if is_drawn else "PENDING")


@pytest.mark.parametrize("call", ABOUT_ONE.values(), ids=ABOUT_ONE)
def test_ones_own_task_is(house: House, call: Callable[[House, str, str], object]) -> None:
    task_id = calls.completed(house.stub, Owned())

    assert call(house, task_id, ANA) is not None


def test_each_tenant_has_a_task_of_its_own_for_one_upload(house: House) -> None:
    mine = Owned()
    others = Owned(image=mine.image, tenant=BEN)
    first = calls.begin(house.stub, mine)

    answers = [calls.begin(house.stub, photo) for photo in (mine, others)]

    assert [answer.outcome for answer in answers] == [FOLLOWER, OWNER]
    assert first.task.input_hash == answers[1].task.input_hash
    assert first.task.task_id != answers[1].task.task_id


def test_a_drawing_is_a_hit_for_its_tenant_alone(house: House) -> None:
    mine = Owned()
    task_id = calls.completed(house.stub, mine)
    others = Owned(image=mine.image, tenant=BEN)

    assert calls.begin(house.stub, mine).outcome == HIT
    assert calls.find(house.stub, others) is None
    own = calls.completed(house.stub, others)
    found = [calls.find(house.stub, photo) for photo in (mine, others)]
    assert [task and task.task_id for task in found] == [task_id, own]


@pytest.mark.parametrize(("tenant", "is_found"), [(ANA, True), (BEN, False), ("", False)])
def test_a_hash_is_looked_up_among_a_tenants_own(
    house: House, tenant: str, *, is_found: bool
) -> None:
    task_id = calls.completed(house.stub, Owned())
    input_hash = house.value("SELECT input_hash FROM task_results WHERE task_id = %s", task_id)

    request = pb.FindResultRequest(input_hash=input_hash, tenant=tenant)

    assert house.stub.FindResult(request).HasField("task") == is_found


def test_lists_and_their_pages_are_a_tenants_own(house: House) -> None:
    mine = [calls.begun(house.stub, Owned()) for _ in range(3)]
    theirs = [calls.begun(house.stub, Owned(tenant=BEN)) for _ in range(2)]

    first = listed(house, ANA, page_size=2)
    rest = listed(house, ANA, page_size=2, page_token=first.next_page_token)

    found = [task.task_id for task in [*first.tasks, *rest.tasks]]
    assert (found, rest.next_page_token) == (mine[::-1], "")
    stolen = listed(house, BEN, page_token=first.next_page_token)
    assert {task.task_id for task in stolen.tasks} <= set(theirs)
    assert list(listed(house, "").tasks) == []


def test_erasing_leaves_the_same_bytes_of_another(house: House) -> None:
    mine = Owned()
    others = Owned(image=mine.image, tenant=BEN)
    erased, kept = (calls.begun(house.stub, photo) for photo in (mine, others))

    house.stub.DeleteTask(pb.DeleteTaskRequest(task_id=erased, tenant=ANA))

    assert calls.opened(house.stub, kept)[1] == others.parts


@pytest.mark.parametrize("wrong", ["a" * 129, "a\0b", "a\nb"])
def test_a_name_that_is_none_is_refused(house: House, wrong: str) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        listed(house, wrong)

    assert calls.info(refused.value).metadata["field"] == "tenant"


def test_a_list_is_read_off_its_index(house: House) -> None:
    house.sql(
        "INSERT INTO task_results (task_id, input_hash, tenant, submitted_at) "
        "SELECT gen_random_uuid(), encode(sha256(n::text::bytea), 'hex'), 'tenant ' || n %% 50, "
        "now() - make_interval(secs => n) FROM generate_series(1, %s) AS n",
        20_000,
    )
    house.sql("ANALYZE task_results")
    plan = house.sql(
        "EXPLAIN SELECT task_id FROM task_results WHERE tenant = 'tenant 7' "
        "ORDER BY submitted_at DESC, task_id DESC LIMIT 50"
    )

    text = "\n".join(line for (line,) in plan)
    assert "using task_results_newest" in text
    assert "Sort" not in text
