"""The same submission again, under the client's own key."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from uuid import uuid4

import grpc
import pytest
from faces import Face, face, fresh

from facesvg.v1 import gateway_pb2 as pb
from facesvg.v1 import gateway_pb2_grpc as rpc
from facesvg.v1 import mask_pb2, upload_pb2
from facesvg.v1.upload_pb2 import PART_IMAGE, PART_LANDMARKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from suite import Suite

HOPPER = face("hopper")
SUBMIT = "/api/v1/frontal/crop/submit"

pytestmark = pytest.mark.e2e


def messages(photo: Face, **options: object) -> Iterator[pb.SubmitRequest]:
    chosen = mask_pb2.DrawOptions(**options)  # type: ignore[arg-type] # names of the test
    parts = {PART_IMAGE: photo.photo, PART_LANDMARKS: photo.landmarks}
    infos = [
        upload_pb2.PartInfo(part=n, sha256=hashlib.sha256(d).digest()) for n, d in parts.items()
    ]
    yield pb.SubmitRequest(header=pb.SubmitHeader(options=chosen, parts=infos))
    for number, data in parts.items():
        yield pb.SubmitRequest(chunk=upload_pb2.Chunk(part=number, data=data))
    yield pb.SubmitRequest(finish=upload_pb2.Finish())


def test_any_number_of_forms_under_one_key_are_one_task(suite: Suite) -> None:
    photo, headers = fresh(HOPPER, 9001), {"Idempotency-Key": str(uuid4())}

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: suite.submit(photo.files, headers=headers), range(10)))
    task = suite.finished(answers[0]["task_id"])
    later = suite.submit(photo.files, headers=headers)

    assert {answer["task_id"] for answer in answers} == {task["task_id"]}
    assert (later["task_id"], later["cache_hit"]) == (task["task_id"], True)


def test_a_cancelled_task_is_not_drawn_after_all_under_its_key(suite: Suite) -> None:
    photo, headers = fresh(HOPPER, 9002), {"Idempotency-Key": str(uuid4())}
    task_id = suite.submit(photo.files, headers=headers)["task_id"]
    ended = suite.rest.post(f"/api/v1/frontal/crop/cancel/{task_id}").json()["status"]

    again = suite.submit(photo.files, headers=headers)

    assert (again["task_id"], again["status"]) == (task_id, ended)


def test_another_option_under_the_key_is_a_conflict(suite: Suite) -> None:
    photo, headers = fresh(HOPPER, 9003), {"Idempotency-Key": str(uuid4())}
    suite.submit(photo.files, headers=headers)

    refused = suite.rest.post(
        SUBMIT, files=dict(photo.files), data={"trace": "exact"}, headers=headers
    )

    assert refused.status_code == 409
    assert refused.json()["details"][0]["reason"] == "IDEMPOTENCY_KEY_REUSED"


def test_native_clients_send_it_as_metadata(suite: Suite) -> None:
    photo, named = fresh(HOPPER, 9004), (("idempotency-key", str(uuid4())),)

    with grpc.insecure_channel(suite.address("envoy")) as channel:
        gateway = rpc.GatewayServiceStub(channel)
        first, again = (gateway.Submit(messages(photo), metadata=named) for _ in range(2))
        with pytest.raises(grpc.RpcError) as caught:
            gateway.Submit(messages(photo, trace="exact"), metadata=named)

    assert first.task_id == again.task_id
    assert caught.value.code() == grpc.StatusCode.ALREADY_EXISTS
