"""Waiting for a drawing and getting it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from integration.gateway import clients
from integration.gateway.clients import FILES
from integration.gateway.fakes import SVG, Away, task

from facesvg.v1 import cache_pb2
from facesvg.v1 import gateway_pb2 as pb
from services.gateway import watching

if TYPE_CHECKING:
    from integration.gateway.house import House

    from facesvg.v1 import gateway_pb2_grpc as rpc

pytestmark = pytest.mark.integration

NOBODY = "00000000-0000-4000-8000-000000000000"


def render(gateway: rpc.GatewayServiceStub) -> Any:
    return gateway.Render(clients.renders(clients.form_body(FILES)))


def headers(call: Any) -> dict[str, str]:
    return {key: str(value) for key, value in call.initial_metadata()}


def test_a_rendered_photo_is_answered_with_its_svg(gateway: rpc.GatewayServiceStub) -> None:
    call = render(gateway)

    sent = list(call)

    assert b"".join(piece.data for piece in sent) == SVG
    assert sent[0].content_type == "image/svg+xml"
    assert headers(call)["x-cache"] == "miss"
    assert headers(call)["etag"] == f'"{hashlib.sha256(SVG).hexdigest()}"'
    assert headers(call)["x-size-bytes"] == str(len(SVG))
    assert "default-src 'none'" in headers(call)["content-security-policy"]
    assert headers(call)["x-content-type-options"] == "nosniff"


def test_json_and_a_query_can_be_rendered_too(
    house: House, gateway: rpc.GatewayServiceStub
) -> None:
    requests = clients.renders(clients.json_body(), clients.JSON)
    metadata = clients.rest("/api/v1/frontal/crop/render?preset=map")

    sent = list(gateway.Render(requests, metadata=metadata))

    assert b"".join(piece.data for piece in sent) == SVG
    assert house.processor.headers[0].key.options.preset == "map"


def test_of_a_task_that_is_waited_for_the_svg_alone_comes_along(
    house: House, gateway: rpc.GatewayServiceStub
) -> None:
    list(render(gateway))

    [watch] = [
        asked for asked in house.cache.asked if isinstance(asked, cache_pb2.WatchTaskRequest)
    ]
    assert (watch.with_result, list(watch.read_mask.paths)) == (True, ["result.svg"])


def test_a_photo_rendered_twice_is_drawn_once(
    house: House, gateway: rpc.GatewayServiceStub
) -> None:
    list(render(gateway))

    again = render(gateway)

    assert b"".join(piece.data for piece in again) == SVG
    assert headers(again)["x-cache"] == "hit"
    assert house.processor.begun == 1


def test_a_large_svg_has_its_content_type_on_the_first_piece_only(
    house: House, gateway: rpc.GatewayServiceStub
) -> None:
    large = b"<svg>" + b" " * 600_000
    task_id = house.cache.add("PENDING")
    house.cache.finish(task_id, large)

    sent = list(gateway.GetSvg(pb.GetSvgRequest(task_id=task_id.upper())))

    assert [piece.content_type for piece in sent] == ["image/svg+xml", "", ""]
    assert b"".join(piece.data for piece in sent) == large


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("CORRUPT_IMAGE", grpc.StatusCode.INVALID_ARGUMENT),
        ("INTERNAL", grpc.StatusCode.INTERNAL),
        ("TOO_MANY_ATTEMPTS", grpc.StatusCode.INTERNAL),
        ("A_REASON_OF_TOMORROW", grpc.StatusCode.INTERNAL),
    ],
)
def test_a_failed_drawing_is_an_error_and_no_answer_has_begun(
    house: House, gateway: rpc.GatewayServiceStub, kind: str, code: grpc.StatusCode
) -> None:
    failed = task("FAILURE", NOBODY)
    failed.error.type, failed.error.message = kind, "the photo ends in row 7"
    house.cache.watches.append([task("PENDING", NOBODY), failed])

    with pytest.raises(grpc.RpcError) as caught:
        list(render(gateway))

    info = clients.info(caught.value)
    assert (caught.value.code(), caught.value.details()) == (code, "the photo ends in row 7")
    assert (info.reason, info.metadata["type"]) == ("TASK_FAILED", kind)


def test_a_task_cancelled_while_it_is_waited_for_is_an_error(
    house: House, gateway: rpc.GatewayServiceStub
) -> None:
    house.cache.watches.append([task("CANCELLED", NOBODY)])

    with pytest.raises(grpc.RpcError) as caught:
        list(render(gateway))

    assert clients.info(caught.value).reason == "TASK_CANCELLED"


def test_a_drawing_that_takes_too_long_names_the_task_that_goes_on(
    house: House, gateway: rpc.GatewayServiceStub
) -> None:
    house.cache.watches.extend([[task("PENDING", NOBODY)]] * 50)

    with pytest.raises(grpc.RpcError) as caught:
        list(render(gateway))

    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert clients.info(caught.value).metadata["task_id"] in house.cache.tasks


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("PENDING", grpc.StatusCode.FAILED_PRECONDITION),
        ("FAILURE", grpc.StatusCode.FAILED_PRECONDITION),
    ],
)
def test_a_task_without_a_drawing_has_no_svg(
    house: House, gateway: rpc.GatewayServiceStub, status: str, code: grpc.StatusCode
) -> None:
    task_id = house.cache.add(status)

    with pytest.raises(grpc.RpcError) as caught:
        list(gateway.GetSvg(pb.GetSvgRequest(task_id=task_id)))

    assert (caught.value.code(), clients.info(caught.value).reason) == (code, "TASK_NOT_FINISHED")


def watch(gateway: rpc.GatewayServiceStub, task_id: str) -> list[str]:
    request = cache_pb2.WatchTaskRequest(task_id=task_id)
    return [record.status for record in gateway.WatchTask(request)]


def test_watching_ends_after_the_final_record(
    house: House, gateway: rpc.GatewayServiceStub
) -> None:
    task_id = house.cache.add("PENDING")

    assert watch(gateway, task_id) == ["PENDING", "SUCCESS"]


@pytest.mark.parametrize("end", [[], [Away()]], ids=["a clean end", "an error"])
def test_a_watch_cut_off_at_the_cache_is_opened_again(
    house: House, gateway: rpc.GatewayServiceStub, end: list[Exception]
) -> None:
    house.cache.watches.append([task("PENDING", NOBODY), *end])
    house.cache.watches.append([task("PROGRESS", NOBODY), *end])
    house.cache.watches.append([task("SUCCESS", NOBODY)])

    assert watch(gateway, NOBODY) == ["PENDING", "PROGRESS", "SUCCESS"]


def test_a_watch_that_cannot_begin_is_an_error(
    house: House, gateway: rpc.GatewayServiceStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "BEGINNING", 0.0)
    house.cache.watches.extend([[Away()]] * 5)

    with pytest.raises(grpc.RpcError) as caught:
        watch(gateway, NOBODY)

    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
    assert clients.info(caught.value).reason == "DEPENDENCY_UNAVAILABLE"


def test_a_task_erased_while_it_is_watched_is_an_error(
    house: House, gateway: rpc.GatewayServiceStub
) -> None:
    house.cache.watches.append([task("PENDING", NOBODY)])

    with pytest.raises(grpc.RpcError) as caught:
        watch(gateway, NOBODY)

    assert clients.info(caught.value).reason == "TASK_NOT_FOUND"


def test_a_watcher_that_goes_is_not_watched_for_any_longer(
    house: House, gateway: rpc.GatewayServiceStub
) -> None:
    task_id = house.cache.add("PROGRESS")
    call = gateway.WatchTask(cache_pb2.WatchTaskRequest(task_id=task_id))
    next(call)

    call.cancel()

    assert house.cache.left_alone.wait(5)
    house.settle()


def test_a_reader_that_goes_is_not_read_for_any_longer(
    house: House, gateway: rpc.GatewayServiceStub
) -> None:
    task_id = house.cache.add("PROGRESS")
    house.cache.drawings[task_id] = SVG
    call = gateway.GetSvg(pb.GetSvgRequest(task_id=task_id))
    next(call)

    call.cancel()

    assert house.cache.left_alone.wait(5)
    house.settle()


def test_a_renderer_that_goes_while_it_waits_lets_go_of_its_task_once(
    house: House, gateway: rpc.GatewayServiceStub
) -> None:
    house.processor.status = "PROGRESS"
    call = render(gateway)
    assert house.cache.watched.wait(10)

    call.cancel()

    assert house.cache.left_alone.wait(5)
    assert house.cache.left.get(timeout=10).task_id in house.cache.tasks
    house.settle()
    assert house.cache.left.empty()


def test_a_renderer_whose_time_is_over_lets_go_of_its_task(
    house: House, gateway: rpc.GatewayServiceStub
) -> None:
    house.processor.status = "PROGRESS"

    for seconds in (0.3, 0.6, 0.9):  # on a machine that is busy the first may end too soon
        with pytest.raises(grpc.RpcError):
            list(gateway.Render(clients.renders(clients.form_body(FILES)), timeout=seconds))
        if house.cache.watched.is_set():
            break

    assert house.cache.left.get(timeout=10).task_id in house.cache.tasks


def test_a_renderer_that_is_answered_lets_go_of_nothing(
    house: House, gateway: rpc.GatewayServiceStub
) -> None:
    list(render(gateway))

    house.settle()
    assert not any(left.task_id in house.cache.tasks for left in house.cache.left.queue)
