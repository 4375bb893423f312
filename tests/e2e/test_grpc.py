"""Native gRPC, through Envoy and straight at the services."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import grpc
import pytest
from faces import Face, face, fresh
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)
from grpc_status import rpc_status

from facesvg.v1 import gateway_pb2 as pb
from facesvg.v1 import gateway_pb2_grpc as rpc
from facesvg.v1 import mask_pb2, upload_pb2
from facesvg.v1.cache_pb2 import WatchTaskRequest
from facesvg.v1.upload_pb2 import PART_IMAGE, PART_LANDMARKS, PART_SEGMENTATION_MAP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from suite import Suite

HOPPER = face("hopper")
SERVICES = {"gateway": "GatewayService", "processor": "ProcessorService", "cache": "CacheService"}

pytestmark = pytest.mark.e2e


def messages(photo: Face, **options: object) -> Iterator[pb.SubmitRequest]:
    parts = {
        PART_IMAGE: photo.photo,
        PART_LANDMARKS: photo.landmarks,
        PART_SEGMENTATION_MAP: photo.label_map,
    }
    infos = [
        upload_pb2.PartInfo(part=n, size_bytes=len(data), sha256=hashlib.sha256(data).digest())
        for n, data in parts.items()
    ]
    chosen = mask_pb2.DrawOptions(**options)  # type: ignore[arg-type] # names and values of the test
    yield pb.SubmitRequest(header=pb.SubmitHeader(options=chosen, parts=infos))
    for number, data in parts.items():
        for at in range(0, len(data), 65_536):
            piece = upload_pb2.Chunk(part=number, data=data[at : at + 65_536])
            yield pb.SubmitRequest(chunk=piece)
    yield pb.SubmitRequest(finish=upload_pb2.Finish())


@pytest.fixture(params=["envoy", "gateway"])
def gateway(request: pytest.FixtureRequest, suite: Suite) -> Iterator[rpc.GatewayServiceStub]:
    with grpc.insecure_channel(suite.address(request.param)) as channel:
        yield rpc.GatewayServiceStub(channel)


def test_a_stream_becomes_a_drawing(gateway: rpc.GatewayServiceStub) -> None:
    submitted = gateway.Submit(messages(HOPPER, preset="features", min_area=7))

    tasks = list(gateway.WatchTask(WatchTaskRequest(task_id=submitted.task_id)))

    assert tasks[-1].status == "SUCCESS"
    assert tasks[-1].result.svg.startswith(b"<svg")
    assert gateway.GetStatus(pb.GetStatusRequest(task_id=submitted.task_id)).status == "SUCCESS"
    pieces = list(gateway.GetSvg(pb.GetSvgRequest(task_id=submitted.task_id)))
    assert b"".join(piece.data for piece in pieces) == tasks[-1].result.svg


def test_what_rest_drew_is_a_hit_over_grpc(suite: Suite, gateway: rpc.GatewayServiceStub) -> None:
    photo = fresh(HOPPER, 201)
    first = suite.submit(photo.files)
    suite.finished(first["task_id"])

    second = gateway.Submit(messages(photo))

    assert second.cache_hit
    assert second.task_id == first["task_id"]


def test_what_rest_drew_is_found_without_the_photo(
    suite: Suite, gateway: rpc.GatewayServiceStub
) -> None:
    photo = fresh(HOPPER, 202)
    first = suite.submit(photo.files, params={"preset": "features"})
    suite.finished(first["task_id"])

    found = gateway.FindByInputs(
        pb.FindByInputsRequest(
            options=mask_pb2.DrawOptions(preset="features"),
            image_sha256=hashlib.sha256(photo.photo).digest(),
            landmarks=photo.landmarks,
            segmentation_map_sha256=hashlib.sha256(photo.label_map).digest(),
        )
    )

    assert (found.task_id, found.cache_hit) == (first["task_id"], True)


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_tells_its_health(suite: Suite, service: str) -> None:
    with grpc.insecure_channel(suite.address(service)) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        for name in ("", f"facesvg.v1.{SERVICES[service]}"):
            answer = health.Check(health_pb2.HealthCheckRequest(service=name), timeout=5)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_describes_itself(suite: Suite, service: str) -> None:
    with grpc.insecure_channel(suite.address(service)) as channel:
        names = ProtoReflectionDescriptorDatabase(channel).get_services()

    assert f"facesvg.v1.{SERVICES[service]}" in names


def test_an_error_carries_its_reason(gateway: rpc.GatewayServiceStub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        gateway.GetStatus(pb.GetStatusRequest(task_id="0" * 8 + "-0000-4000-8000-" + "0" * 12))

    status = rpc_status.from_call(caught.value)
    assert status is not None
    info = error_details_pb2.ErrorInfo.FromString(status.details[0].value)
    assert (caught.value.code(), info.reason) == (grpc.StatusCode.NOT_FOUND, "TASK_NOT_FOUND")
