"""A read mask: a task comes with the fields that are asked for, over REST and native gRPC."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from faces import damaged_png, face, fresh
from google.protobuf.field_mask_pb2 import FieldMask
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from facesvg.v1 import gateway_pb2 as pb
from facesvg.v1 import gateway_pb2_grpc as rpc
from facesvg.v1 import mask_pb2, task_pb2
from facesvg.v1.cache_pb2 import WatchTaskRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from suite import Suite

HOPPER = face("hopper")
ROUTES = "/api/v1/frontal/crop"
ROUTE = pytest.mark.parametrize("route", ["status", "watch"])
PRESENT = ("result", "error", "submitted_at", "completed_at", "expires_at", "svg_url")
"""Fields that JSON has only where a task has them."""
EXPECTED = "expected fields of Task, such as status or result.svg, or * alone"

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def drawn(suite: Suite) -> str:
    """Return a task that is drawn."""
    task_id: str = suite.submit(fresh(HOPPER, 901).files)["task_id"]
    suite.finished(task_id)
    return task_id


@pytest.fixture(scope="module")
def failed(suite: Suite) -> str:
    """Return a task that failed."""
    photo = fresh(face("astronaut"), 902)
    parts = {"image": damaged_png(photo.photo), "landmarks": photo.landmarks}
    task_id: str = suite.submit(parts, data={"embed_image": "true"})["task_id"]
    assert suite.finished(task_id)["status"] == "FAILURE"
    return task_id


@pytest.fixture(params=["envoy", "gateway"])
def gateway(request: pytest.FixtureRequest, suite: Suite) -> Iterator[rpc.GatewayServiceStub]:
    with grpc.insecure_channel(suite.address(request.param)) as channel:
        yield rpc.GatewayServiceStub(channel)


def asked(suite: Suite, route: str, task_id: str, query: str) -> httpx.Response:
    return suite.rest.get(f"{ROUTES}/{route}/{task_id}?{query}")


def last(answer: httpx.Response) -> dict[str, Any]:
    """Return the task of an answer, a watch's last."""
    assert answer.status_code == 200, answer.text
    *_, line = answer.text.strip().splitlines()
    task: dict[str, Any] = json.loads(line.removeprefix("data: "))
    return task


@ROUTE
@pytest.mark.parametrize(
    "query",
    [
        "read_mask=status,result.svg,result.cache_hits",
        "read_mask=status%2Cresult.svg%2Cresult.cache_hits",
        "read_mask=status&read_mask=result.svg,result.cache_hits",
        "read_mask=status,result.svg,result.cacheHits",
        "readMask=status,result.svg,result.cache_hits",
    ],
)
def test_rest_has_the_fields_that_a_query_asks_for_however_it_is_spelt(
    suite: Suite, drawn: str, route: str, query: str
) -> None:
    task = last(asked(suite, route, drawn, query))

    assert task["status"] == "SUCCESS"
    assert base64.b64decode(task["result"]["svg"]).decode() == suite.svg(drawn)
    assert task["result"]["regions"] == []
    assert task["result"]["mask_contours"] == {}
    assert task["task_id"] == ""
    assert [name for name in PRESENT if name in task] == ["result"]


@ROUTE
def test_rest_has_no_drawing_where_the_status_is_asked_for(
    suite: Suite, drawn: str, route: str
) -> None:
    answer = asked(suite, route, drawn, "read_mask=status,progress")

    task = last(answer)
    assert (task["status"], task["progress"]) == ("SUCCESS", 100)
    assert [name for name in PRESENT if name in task] == []
    assert len(answer.content) < 300


@ROUTE
@pytest.mark.parametrize("query", ["", "read_mask", "read_mask=", "read_mask=*", "readMask=,"])
def test_rest_has_every_field_where_none_is_asked_for(
    suite: Suite, drawn: str, route: str, query: str
) -> None:
    assert last(asked(suite, route, drawn, query)) == suite.status(drawn)


@ROUTE
@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("read_mask=statuz", "statuz"),
        ("read_mask=status,result.colour", "result.colour"),
        ("read_mask=deliveries.host", "deliveries.host"),
        ("read_mask=status.length", "status.length"),
        ("read_mask=result.mask_contours.1", "result.mask_contours.1"),
        ("read_mask=status&read_mask=*", "*"),
    ],
)
def test_a_path_that_is_no_field_is_refused_by_name(
    suite: Suite, drawn: str, route: str, query: str, path: str
) -> None:
    answer = asked(suite, route, drawn, query)

    assert answer.status_code == 400
    error = answer.json()
    assert error["message"] == f"read_mask is {path!r}; {EXPECTED}"
    [info] = [detail for detail in error["details"] if detail["@type"].endswith("ErrorInfo")]
    assert info["reason"] == "INVALID_ARGUMENT"
    assert (info["metadata"]["field"], info["metadata"]["value"]) == ("read_mask", path)


@ROUTE
@pytest.mark.parametrize("query", ["read_mask=result(svg", "read_mask.paths=status"])
def test_a_mask_that_cannot_be_read_is_refused(
    suite: Suite, drawn: str, route: str, query: str
) -> None:
    answer = asked(suite, route, drawn, query)

    assert answer.status_code == 400
    assert answer.json()["message"]
    assert answer.json()["details"][0]["reason"] in ("MALFORMED_REQUEST", "UNKNOWN_OPTION")


@ROUTE
def test_a_task_that_failed_says_why_to_who_asks(suite: Suite, failed: str, route: str) -> None:
    task = last(asked(suite, route, failed, "read_mask=status,error,result.svg"))

    assert (task["status"], task["error"]["type"]) == ("FAILURE", "CORRUPT_IMAGE")
    assert [name for name in PRESENT if name in task] == ["error"]


@ROUTE
def test_a_task_that_failed_has_nothing_for_who_wants_its_svg(
    suite: Suite, failed: str, route: str
) -> None:
    task = last(asked(suite, route, failed, "read_mask=result.svg"))

    assert [name for name in PRESENT if name in task] == []


def test_a_watch_of_the_svg_ends_with_it(suite: Suite) -> None:
    task_id = suite.submit(fresh(HOPPER, 903).files)["task_id"]

    answer = asked(suite, "watch", task_id, "read_mask=result.svg")

    assert base64.b64decode(last(answer)["result"]["svg"]).startswith(b"<svg")


def test_grpc_has_exactly_the_fields_that_are_asked_for(
    suite: Suite, gateway: rpc.GatewayServiceStub, drawn: str
) -> None:
    mask = FieldMask(paths=["status", "result.svg", "svg_url"])

    task = gateway.GetStatus(pb.GetStatusRequest(task_id=drawn, read_mask=mask))
    *_, watched = gateway.WatchTask(WatchTaskRequest(task_id=drawn, read_mask=mask))

    assert task == watched
    assert task == task_pb2.Task(
        status="SUCCESS",
        result=mask_pb2.Drawing(svg=suite.svg(drawn).encode()),
        svg_url=f"{ROUTES}/svg/{drawn}",
    )


def test_grpc_has_every_field_where_none_or_all_are_asked_for(
    gateway: rpc.GatewayServiceStub, drawn: str
) -> None:
    whole = gateway.GetStatus(pb.GetStatusRequest(task_id=drawn))

    for mask in (FieldMask(), FieldMask(paths=["*"])):
        assert gateway.GetStatus(pb.GetStatusRequest(task_id=drawn, read_mask=mask)) == whole
        assert list(gateway.WatchTask(WatchTaskRequest(task_id=drawn, read_mask=mask))) == [whole]
    assert len(whole.result.regions) == 27


def test_grpc_refuses_a_path_before_the_first_record(
    gateway: rpc.GatewayServiceStub, drawn: str
) -> None:
    mask = FieldMask(paths=["status", "result.colour"])

    with pytest.raises(grpc.RpcError) as caught:
        next(gateway.WatchTask(WatchTaskRequest(task_id=drawn, read_mask=mask)))

    status = rpc_status.from_call(caught.value)
    assert status is not None
    info = error_details_pb2.ErrorInfo.FromString(status.details[0].value)
    assert (caught.value.code(), info.reason) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
    )
    assert info.metadata["value"] == "result.colour"
