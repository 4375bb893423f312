"""Counting requests as clients make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from google.api.httpbody_pb2 import HttpBody

from facesvg.v1 import gateway_pb2, upload_pb2
from services.gateway import traffic
from services.gateway.traffic import HTTP, METHODS, ROUTES, SERVICE
from services.runtime.messages import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable


def test_every_method_with_a_route_is_known_by_its_verb_and_path() -> None:
    submit = ROUTES[f"/{SERVICE.full_name}/SubmitForm"]
    erase = ROUTES[f"/{SERVICE.full_name}/DeleteTask"]

    assert submit == ("POST", "/api/v1/frontal/crop/submit")
    assert erase == ("DELETE", "/api/v1/frontal/crop/{task_id}")
    assert set(ROUTES) <= METHODS


def test_statuses_are_told_as_the_door_tells_them() -> None:
    assert (HTTP["OK"], HTTP["NOT_FOUND"], HTTP["RESOURCE_EXHAUSTED"]) == ("200", "404", "429")


@pytest.mark.parametrize("size", [0, 10, traffic.BULK, 1_000_000])
@pytest.mark.parametrize(
    "message",
    [
        lambda data: gateway_pb2.SubmitFormRequest(form=HttpBody(content_type="x/y", data=data)),
        lambda data: gateway_pb2.SubmitRequest(chunk=upload_pb2.Chunk(data=data)),
        lambda data: HttpBody(content_type="image/svg+xml", data=data),
        lambda data: gateway_pb2.SubmitResponse(message=str(len(data))),
        Unreadable,
    ],
    ids=["form", "chunk", "body", "answer", "nonsense"],
)
def test_a_message_weighs_what_it_takes(message: Callable[[bytes], Any], size: int) -> None:
    whole = message(bytes(size))

    assert whole.ByteSize() - 64 < traffic.weight(whole) <= whole.ByteSize()
