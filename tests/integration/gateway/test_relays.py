"""What the gateway passes on, and what it checks first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from integration.gateway import clients

from facesvg.v1 import cache_pb2, processor_pb2, task_pb2
from facesvg.v1 import gateway_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Callable

    from integration.gateway.house import House

    from facesvg.v1 import gateway_pb2_grpc as rpc

pytestmark = pytest.mark.integration

ABOUT_A_TASK: list[Callable[[Any, str], Any]] = [
    lambda gateway, task_id: gateway.GetStatus(pb.GetStatusRequest(task_id=task_id)),
    lambda gateway, task_id: list(gateway.WatchTask(cache_pb2.WatchTaskRequest(task_id=task_id))),
    lambda gateway, task_id: list(gateway.GetSvg(pb.GetSvgRequest(task_id=task_id))),
    lambda gateway, task_id: gateway.CancelTask(cache_pb2.CancelTaskRequest(task_id=task_id)),
    lambda gateway, task_id: gateway.DeleteTask(cache_pb2.DeleteTaskRequest(task_id=task_id)),
]


@pytest.mark.parametrize("ask", ABOUT_A_TASK)
@pytest.mark.parametrize(
    "task_id", ["not-a-uuid", "", "00000000-0000-4000-8000-000000000000", "{0}" * 40]
)
def test_a_task_that_is_none_is_not_found(
    gateway: rpc.GatewayServiceStub, ask: Callable[[Any, str], Any], task_id: str
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        ask(gateway, task_id)

    assert caught.value.code() == grpc.StatusCode.NOT_FOUND
    assert clients.info(caught.value).reason == "TASK_NOT_FOUND"


def test_a_finished_task_says_where_its_svg_is(
    house: House, gateway: rpc.GatewayServiceStub
) -> None:
    house.cache.finish(task_id := house.cache.add("PENDING"))

    task = gateway.GetStatus(pb.GetStatusRequest(task_id=task_id))

    assert task.svg_url == f"/api/v1/frontal/crop/svg/{task_id}"


def test_a_task_under_way_has_no_svg_yet(house: House, gateway: rpc.GatewayServiceStub) -> None:
    task_id = house.cache.add("PROGRESS")

    assert not gateway.GetStatus(pb.GetStatusRequest(task_id=task_id)).HasField("svg_url")


ABOUT_FIELDS: list[Callable[[Any, str, list[str]], task_pb2.Task]] = [
    lambda gateway, task_id, paths: gateway.GetStatus(
        pb.GetStatusRequest(task_id=task_id, read_mask=FieldMask(paths=paths))
    ),
    lambda gateway, task_id, paths: list(
        gateway.WatchTask(
            cache_pb2.WatchTaskRequest(task_id=task_id, read_mask=FieldMask(paths=paths))
        )
    )[-1],
]


@pytest.mark.parametrize("ask", ABOUT_FIELDS, ids=["status", "watch"])
@pytest.mark.parametrize(
    ("paths", "with_result", "of_result"),
    [
        ([], True, []),
        (["*"], True, []),
        (["status", "svg_url"], False, []),
        (["status", "result.svg"], True, ["result.svg"]),
    ],
)
def test_the_cache_is_asked_for_no_more_of_a_result_than_is_wanted(
    house: House,
    gateway: rpc.GatewayServiceStub,
    ask: Callable[[Any, str, list[str]], task_pb2.Task],
    paths: list[str],
    with_result: bool,
    of_result: list[str],
) -> None:
    house.cache.finish(task_id := house.cache.add("PENDING"))

    ask(gateway, task_id, paths)

    [asked] = house.cache.asked
    assert (asked.with_result, list(asked.read_mask.paths)) == (with_result, of_result)


@pytest.mark.parametrize("ask", ABOUT_FIELDS, ids=["status", "watch"])
def test_a_task_comes_with_exactly_the_fields_that_are_asked_for(
    house: House,
    gateway: rpc.GatewayServiceStub,
    ask: Callable[[Any, str, list[str]], task_pb2.Task],
) -> None:
    house.cache.finish(task_id := house.cache.add("PENDING"))

    task = ask(gateway, task_id, ["svg_url"])

    assert task == task_pb2.Task(svg_url=f"/api/v1/frontal/crop/svg/{task_id}")


@pytest.mark.parametrize("ask", ABOUT_FIELDS, ids=["status", "watch"])
def test_a_field_that_no_task_has_is_refused_before_the_cache_is_asked(
    house: House,
    gateway: rpc.GatewayServiceStub,
    ask: Callable[[Any, str, list[str]], task_pb2.Task],
) -> None:
    task_id = house.cache.add("PENDING")

    with pytest.raises(grpc.RpcError) as caught:
        ask(gateway, task_id, ["status", "result.colour"])

    info = clients.info(caught.value)
    assert (caught.value.code(), info.reason) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
    )
    assert (info.metadata["field"], info.metadata["value"]) == ("read_mask", "result.colour")
    assert house.cache.asked == []


def test_a_task_can_be_cancelled_and_erased(house: House, gateway: rpc.GatewayServiceStub) -> None:
    task_id = house.cache.add("PENDING")

    cancelled = gateway.CancelTask(cache_pb2.CancelTaskRequest(task_id=task_id))
    gateway.DeleteTask(cache_pb2.DeleteTaskRequest(task_id=task_id))

    assert cancelled.status == "CANCELLED"
    assert house.cache.tasks == {}


def test_the_newest_tasks_are_a_bare_array_with_zeros_printed(
    house: House, gateway: rpc.GatewayServiceStub
) -> None:
    newest = [house.cache.add("PENDING") for _ in range(12)][:1:-1]

    body = gateway.ListRecent(pb.ListRecentRequest())

    assert body.content_type == "application/json"
    rows = json.loads(body.data)
    assert [row["task_id"] for row in rows] == newest
    assert rows[0]["cache_hits"] == 0
    assert rows[0]["error_type"] == ""


def test_no_newest_tasks_are_an_empty_array(gateway: rpc.GatewayServiceStub) -> None:
    assert gateway.ListRecent(pb.ListRecentRequest(limit=3)).data == b"[]"


def test_too_many_newest_tasks_are_refused(gateway: rpc.GatewayServiceStub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        gateway.ListRecent(pb.ListRecentRequest(limit=1001))

    info = clients.info(caught.value)
    assert (info.reason, dict(info.metadata)["field"]) == ("INVALID_ARGUMENT", "limit")


def test_whose_tasks_are_listed_is_not_the_clients_to_say(
    house: House, gateway: rpc.GatewayServiceStub
) -> None:
    gateway.ListTasks(cache_pb2.ListTasksRequest(page_size=1, tenant="another"))

    assert [request.tenant for request in house.cache.asked] == [""]


def test_the_rest_is_relayed(house: House, gateway: rpc.GatewayServiceStub) -> None:
    task_id = house.cache.add("PENDING")

    tasks = gateway.ListTasks(cache_pb2.ListTasksRequest(page_size=1))
    stats = gateway.GetCacheStats(cache_pb2.GetStatsRequest(days=3))
    cleaned = gateway.CleanupCache(cache_pb2.CleanupRequest())
    presets = gateway.ListRegions(processor_pb2.ListPresetsRequest())

    assert [row.task_id for row in tasks.tasks] == [task_id]
    assert stats.days == 3
    assert cleaned.expired_tasks == 3
    assert presets.presets[0].name == "zones27"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/api/v1/cache/stats?dayz=7", "did you mean days?"),
        ("/api/v1/cache/stats?days=7&preset=map", "there is no option 'preset'"),
        ("/api/v1/cache/stats?&&x", "there is no option 'x'"),
    ],
)
def test_a_misspelt_parameter_is_refused(
    gateway: rpc.GatewayServiceStub, path: str, message: str
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        gateway.GetCacheStats(cache_pb2.GetStatsRequest(), metadata=clients.rest(path))

    assert clients.info(caught.value).reason == "UNKNOWN_OPTION"
    assert message in (caught.value.details() or "")


def test_a_parameter_where_there_are_none_is_refused(gateway: rpc.GatewayServiceStub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        gateway.GetHealth(pb.GetHealthRequest(), metadata=clients.rest("/health?verbose=1"))

    assert "this method takes none" in (caught.value.details() or "")


@pytest.mark.parametrize("path", ["/api/v1/tasks?page_size=3", "/api/v1/tasks?pageSize=3"])
def test_parameters_may_have_either_spelling(gateway: rpc.GatewayServiceStub, path: str) -> None:
    gateway.ListTasks(cache_pb2.ListTasksRequest(page_size=3), metadata=clients.rest(path))
