"""Submitting over the three ways in."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from integration.gateway import clients
from integration.gateway.clients import FILES, JSON, PARTS
from integration.gateway.fakes import Refused

from facesvg.v1 import gateway_pb2 as pb
from facesvg.v1 import mask_pb2
from facesvg.v1.upload_pb2 import PART_IMAGE, PART_LANDMARKS, PART_SEGMENTATION_MAP

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from integration.gateway.house import House

    from facesvg.v1 import gateway_pb2_grpc as rpc

pytestmark = pytest.mark.integration


def over_grpc(gateway: rpc.GatewayServiceStub) -> pb.SubmitResponse:
    return gateway.Submit(clients.stream(preset="features", region_opacity=0.7))


def over_form(gateway: rpc.GatewayServiceStub) -> pb.SubmitResponse:
    body = clients.form_body(FILES, {"preset": "features", "region_opacity": "0.70"})
    return gateway.SubmitForm(clients.pieces(body), metadata=clients.rest(length=len(body)))


def over_json(gateway: rpc.GatewayServiceStub) -> pb.SubmitResponse:
    body = clients.json_body(preset="features", region_opacity=0.7)
    return gateway.SubmitForm(clients.pieces(body, JSON), metadata=clients.rest(length=len(body)))


def over_form_and_query(gateway: rpc.GatewayServiceStub) -> pb.SubmitResponse:
    path = "/api/v1/frontal/crop/submit?preset=features&region_opacity=0.7"
    body = clients.form_body(FILES)
    return gateway.SubmitForm(clients.pieces(body), metadata=clients.rest(path))


WAYS = [over_grpc, over_form, over_json, over_form_and_query]
Way = Any


@pytest.mark.parametrize("way", WAYS)
def test_a_photo_reaches_the_processor_whole(
    house: House, gateway: rpc.GatewayServiceStub, way: Way
) -> None:
    answer = way(gateway)

    assert (answer.status, answer.cache_hit) == ("PENDING", False)
    [received], [header] = house.processor.received, house.processor.headers
    assert received == {**PARTS, PART_LANDMARKS: clients.CANONICAL}
    assert house.processor.orders == [[PART_LANDMARKS, PART_SEGMENTATION_MAP, PART_IMAGE]]
    assert header.key.image_sha256 == hashlib.sha256(clients.IMAGE).digest()
    assert header.key.options.preset == "features"
    assert not header.key.options.HasField("region_opacity")


@pytest.mark.parametrize("first", WAYS)
@pytest.mark.parametrize("second", WAYS)
def test_every_way_has_the_same_key(
    house: House, gateway: rpc.GatewayServiceStub, first: Way, second: Way
) -> None:
    submitted = first(gateway)
    house.cache.finish(submitted.task_id)

    answer = second(gateway)

    assert (answer.cache_hit, answer.status) == (True, "SUCCESS")
    assert answer.task_id == submitted.task_id
    assert answer.estimated_completion_time.seconds == 1_700_000_001
    assert house.processor.begun == 1


def test_the_estimate_grows_with_the_queue(gateway: rpc.GatewayServiceStub) -> None:
    answer = over_form(gateway)

    expected = answer.estimated_completion_time.ToDatetime()
    assert expected > answer.submitted_at.ToDatetime()


def test_a_failure_that_is_remembered_is_told(
    house: House, gateway: rpc.GatewayServiceStub
) -> None:
    submitted = over_form(gateway)
    failed = house.cache.tasks[submitted.task_id]
    failed.status = "FAILURE"
    failed.error.type, failed.error.message = "CORRUPT_IMAGE", "its pixels are broken"

    answer = over_json(gateway)

    assert (answer.cache_hit, answer.status) == (True, "FAILURE")
    assert "its pixels are broken" in answer.message


def test_the_processors_refusal_is_relayed(house: House, gateway: rpc.GatewayServiceStub) -> None:
    house.processor.refusal = Refused("image is a GIF; expected PNG, JPEG or WebP")

    with pytest.raises(grpc.RpcError) as caught:
        over_form(gateway)

    assert clients.info(caught.value).reason == "NOT_AN_IMAGE"


def nothing(gateway: rpc.GatewayServiceStub) -> None:
    gateway.SubmitForm(iter(()))


def empty_body(gateway: rpc.GatewayServiceStub) -> None:
    gateway.SubmitForm(clients.pieces(b"", ""))


def another_type(gateway: rpc.GatewayServiceStub) -> None:
    gateway.SubmitForm(clients.pieces(b"hi", "text/plain"))


def no_landmarks(gateway: rpc.GatewayServiceStub) -> None:
    gateway.SubmitForm(clients.pieces(clients.form_body({"image": b"1"})))


def no_landmarks_natively(gateway: rpc.GatewayServiceStub) -> None:
    gateway.Submit(clients.stream({PART_IMAGE: b"1"}))


def unknown_file(gateway: rpc.GatewayServiceStub) -> None:
    gateway.SubmitForm(clients.pieces(clients.form_body({"photo": b"1"})))


def unknown_field(gateway: rpc.GatewayServiceStub) -> None:
    gateway.SubmitForm(clients.pieces(clients.form_body(FILES, {"opacity": "1"})))


def unknown_in_query(gateway: rpc.GatewayServiceStub) -> None:
    metadata = clients.rest("/api/v1/frontal/crop/submit?opacity=1")
    gateway.SubmitForm(clients.pieces(clients.form_body(FILES)), metadata=metadata)


def two_values(gateway: rpc.GatewayServiceStub) -> None:
    metadata = clients.rest("/api/v1/frontal/crop/submit?preset=zones27")
    body = clients.form_body(FILES, {"preset": "features"})
    gateway.SubmitForm(clients.pieces(body), metadata=metadata)


def bad_option_natively(gateway: rpc.GatewayServiceStub) -> None:
    gateway.Submit(clients.stream(region_opacity=1.5))


def too_large(gateway: rpc.GatewayServiceStub) -> None:
    body = clients.form_body({"landmarks": bytes(2**20 + 1)})
    gateway.SubmitForm(clients.pieces(body, size=2**19))


@pytest.mark.parametrize(
    ("send", "reason", "message"),
    [
        (nothing, "TRUNCATED_UPLOAD", "before its body"),
        (empty_body, "MALFORMED_REQUEST", "expected multipart/form-data or application/json"),
        (another_type, "MALFORMED_REQUEST", "'text/plain'"),
        (no_landmarks, "MISSING_PART", "landmarks"),
        (no_landmarks_natively, "MISSING_PART", "landmarks"),
        (unknown_file, "UNEXPECTED_PART", "there are image, landmarks, segmentation_map"),
        (unknown_field, "UNKNOWN_OPTION", "did you mean region_opacity?"),
        (unknown_in_query, "UNKNOWN_OPTION", "did you mean region_opacity?"),
        (two_values, "INVALID_OPTION", "give it once"),
        (bad_option_natively, "INVALID_OPTION", "from 0 to 1"),
        (too_large, "PART_TOO_LARGE", "1048576"),
    ],
)
def test_a_clients_mistake_is_told_before_any_peer_is_asked(
    house: House,
    gateway: rpc.GatewayServiceStub,
    send: Callable[[rpc.GatewayServiceStub], None],
    reason: str,
    message: str,
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        send(gateway)

    assert clients.info(caught.value).reason == reason
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert message in (caught.value.details() or "")
    assert house.cache.asked == []
    assert house.processor.begun == 0


def test_a_known_hash_is_answered_without_an_upload(
    house: House, gateway: rpc.GatewayServiceStub
) -> None:
    house.cache.finish(task_id := house.cache.add("PENDING"))

    found = gateway.FindByDigest(pb.FindByDigestRequest(input_hash="AB" * 32))

    assert (found.task_id, found.cache_hit) == (task_id, True)


@pytest.mark.parametrize(
    ("input_hash", "code", "reason"),
    [
        ("cd" * 32, grpc.StatusCode.NOT_FOUND, "RESULT_NOT_FOUND"),
        ("cd", grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT"),
        ("x" * 64, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT"),
    ],
)
def test_a_hash_that_is_unknown_or_none_is_told_apart(
    gateway: rpc.GatewayServiceStub, input_hash: str, code: grpc.StatusCode, reason: str
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        gateway.FindByDigest(pb.FindByDigestRequest(input_hash=input_hash))

    assert (caught.value.code(), clients.info(caught.value).reason) == (code, reason)


def described(**more: Any) -> pb.FindByInputsRequest:
    """A submission of the usual parts, its photo and map told by their digests."""
    facts = {
        "image_sha256": hashlib.sha256(clients.IMAGE).digest(),
        "landmarks": clients.LANDMARKS,
        "segmentation_map_sha256": hashlib.sha256(clients.MAP).digest(),
        **more,
    }
    return pb.FindByInputsRequest(**facts)


@pytest.mark.parametrize(
    "request_of",
    [
        lambda options: described(options=options),
        lambda options: described(
            options=options, segmentation_map_sha256=None, segmentation_map=clients.MAP
        ),
    ],
    ids=["map by digest", "map itself"],
)
def test_inputs_are_looked_for_under_the_key_of_their_upload(
    house: House, gateway: rpc.GatewayServiceStub, request_of: Callable[[Any], Any]
) -> None:
    task_id = gateway.Submit(clients.stream(preset="features", trace="smooth")).task_id
    house.cache.finish(task_id)

    found = gateway.FindByInputs(request_of(mask_pb2.DrawOptions(preset="features")))

    assert (found.task_id, found.cache_hit, found.cache_match) == (task_id, True, "EXACT")
    uploaded, described = house.cache.asked
    assert described == uploaded


@pytest.mark.parametrize(
    ("facts", "code", "reason"),
    [
        ({}, grpc.StatusCode.NOT_FOUND, "RESULT_NOT_FOUND"),
        ({"image_sha256": b"short"}, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT"),
        ({"segmentation_map_sha256": b"x"}, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT"),
        ({"landmarks": b""}, grpc.StatusCode.INVALID_ARGUMENT, "MISSING_PART"),
        (
            {"options": mask_pb2.DrawOptions(preset="x")},
            grpc.StatusCode.INVALID_ARGUMENT,
            "INVALID_OPTION",
        ),
    ],
    ids=["not drawn", "photo's digest", "map's digest", "no landmarks", "option"],
)
def test_inputs_that_are_not_drawn_or_wrong_are_told_apart(
    house: House,
    gateway: rpc.GatewayServiceStub,
    facts: Mapping[str, Any],
    code: grpc.StatusCode,
    reason: str,
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        gateway.FindByInputs(described(**facts))

    assert (caught.value.code(), clients.info(caught.value).reason) == (code, reason)
    assert house.processor.begun == 0
