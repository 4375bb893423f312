"""Being told of a task's end, through the whole stack."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import grpc
import pytest
from faces import Face, face, fresh
from fixtures.stack import WEBHOOK_SECRET

from facesvg.v1 import gateway_pb2 as pb
from facesvg.v1 import gateway_pb2_grpc as rpc
from facesvg.v1 import mask_pb2, upload_pb2
from facesvg.v1.upload_pb2 import PART_IMAGE, PART_LANDMARKS
from services.gateway.webhooks.signature import secret_of, sign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixtures.receiver import Receiver, Request
    from suite import Suite

HOPPER = face("hopper")
ROUTES = "/api/v1/frontal/crop"

pytestmark = pytest.mark.e2e


def messages(photo: Face, **options: object) -> Iterator[pb.SubmitRequest]:
    chosen = mask_pb2.DrawOptions(**options)  # type: ignore[arg-type] # names of the test
    yield pb.SubmitRequest(header=pb.SubmitHeader(options=chosen))
    for number, data in ((PART_IMAGE, photo.photo), (PART_LANDMARKS, photo.landmarks)):
        yield pb.SubmitRequest(chunk=upload_pb2.Chunk(part=number, data=data))
    yield pb.SubmitRequest(finish=upload_pb2.Finish())


def event_of(request: Request) -> dict[str, Any]:
    """Return what a request tells, once its signature is that of the stack."""
    signed = request.headers["webhook-id"], int(request.headers["webhook-timestamp"]), request.body
    assert request.headers["webhook-signature"] == sign([secret_of(WEBHOOK_SECRET)], *signed)
    event: dict[str, Any] = json.loads(request.body)
    return event


def test_a_form_names_who_is_told(suite: Suite, receiver: Receiver) -> None:
    path = f"/{uuid4()}"
    receiver.answers[path].append(500)

    submitted = suite.submit(fresh(HOPPER, 9101).files, data={"callback_url": receiver.url(path)})

    receiver.request(path)
    event = event_of(receiver.request(path))
    task = suite.until(
        lambda: suite.status(submitted["task_id"]),
        lambda task: task["deliveries"][0]["state"] == "DELIVERED",
    )
    assert event["type"] == "task.success"
    assert event["data"]["task_id"] == task["task_id"]
    assert event["data"]["regions_detected"] == task["result"]["regions_detected"]
    assert suite.rest.get(event["data"]["svg_url"]).text.startswith("<svg")
    [delivery] = task["deliveries"]
    assert (delivery["host"], delivery["attempts"], delivery["http_status"]) == (
        "127.0.0.1",
        2,
        204,
    )


def test_native_clients_name_who_is_told_also_of_a_hit(suite: Suite, receiver: Receiver) -> None:
    photo, path = fresh(HOPPER, 9102), f"/{uuid4()}"

    with grpc.insecure_channel(suite.address("envoy")) as channel:
        gateway = rpc.GatewayServiceStub(channel)
        first = gateway.Submit(messages(photo))
        suite.finished(first.task_id)
        again = gateway.Submit(messages(photo, callback_url=receiver.url(path)))

    event = event_of(receiver.request(path))
    assert again.cache_hit
    assert event["data"]["task_id"] == first.task_id


def test_a_cancelled_task_is_told_of(suite: Suite, receiver: Receiver) -> None:
    path = f"/{uuid4()}"
    task_id = suite.submit(fresh(HOPPER, 9103).files, data={"callback_url": receiver.url(path)})[
        "task_id"
    ]
    status = suite.rest.post(f"{ROUTES}/cancel/{task_id}").json()["status"]

    assert event_of(receiver.request(path))["data"]["status"] == status


@pytest.mark.parametrize(
    "url",
    ["https://10.0.0.1/", "http://[::1]/", "https://user:word@example.com/", "ftp://a.example"],
)
def test_who_may_not_be_called_is_refused_when_it_is_submitted(suite: Suite, url: str) -> None:
    refused = suite.rest.post(
        f"{ROUTES}/submit", files=dict(HOPPER.files), data={"callback_url": url}
    )

    assert refused.status_code == 400
    detail = refused.json()["details"][0]
    assert (detail["reason"], detail["metadata"]["option"]) == ("INVALID_OPTION", "callback_url")


def test_who_waits_for_the_drawing_is_not_told(suite: Suite, receiver: Receiver) -> None:
    refused = suite.rest.post(
        f"{ROUTES}/render", files=dict(HOPPER.files), data={"callback_url": receiver.url("/r")}
    )

    assert refused.status_code == 400
    assert "render answers with the drawing itself" in refused.json()["message"]
