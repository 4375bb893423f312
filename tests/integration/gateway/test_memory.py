"""Large photos pass through the gateway without staying in it."""

from __future__ import annotations

import base64
import hashlib
import itertools
import os
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from google.api.httpbody_pb2 import HttpBody
from integration.gateway import clients

from facesvg.v1 import gateway_pb2 as pb
from facesvg.v1 import upload_pb2
from facesvg.v1.upload_pb2 import PART_IMAGE, PART_LANDMARKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from integration.gateway.house import House

    from facesvg.v1 import gateway_pb2_grpc as rpc

pytestmark = pytest.mark.integration

PIECE = os.urandom(192 * 1024)
COUNT = 25 * 2**20 // len(PIECE)
DIGEST = hashlib.sha256(PIECE * COUNT).digest()


def native() -> Iterator[pb.SubmitRequest]:
    yield from clients.stream({PART_LANDMARKS: clients.LANDMARKS}, finish=False)
    for _ in range(COUNT):
        yield pb.SubmitRequest(chunk=upload_pb2.Chunk(part=PART_IMAGE, data=PIECE))
    yield pb.SubmitRequest(finish=upload_pb2.Finish())


def form() -> Iterator[pb.SubmitFormRequest]:
    head, tail = clients.form_body({"landmarks": clients.LANDMARKS, "image": b"@"}).split(b"@")
    return bodies(clients.FORM, head, itertools.repeat(PIECE, COUNT), tail)


def json_text() -> Iterator[pb.SubmitFormRequest]:
    text = base64.b64encode(PIECE)
    return bodies(
        clients.JSON, b'{"landmarks": [[1, 2]], "image": "', itertools.repeat(text, COUNT), b'"}'
    )


def bodies(
    content_type: str, head: bytes, middle: Iterator[bytes], tail: bytes
) -> Iterator[pb.SubmitFormRequest]:
    yield pb.SubmitFormRequest(form=HttpBody(content_type=content_type, data=head))
    for data in itertools.chain(middle, [tail]):
        yield pb.SubmitFormRequest(form=HttpBody(data=data))


@pytest.mark.parametrize("send", [native, form, json_text])
def test_a_photo_of_25_mb_is_never_held(
    house: House, gateway: rpc.GatewayServiceStub, send: Callable[[], Iterator[object]]
) -> None:
    house.processor.keep_bytes = False
    submit: Any = gateway.Submit if send is native else gateway.SubmitForm
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()

        submit(send())

        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert house.processor.headers[0].key.image_sha256 == DIGEST
    assert peak - before < 12 * 2**20
