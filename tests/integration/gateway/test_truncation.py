"""A client that goes away looks like one that is done; nothing of it may reach the processor."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from integration.gateway import clients
from integration.gateway.clients import FILES, JSON

from facesvg.v1 import gateway_pb2_grpc as rpc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from integration.gateway.house import House

pytestmark = pytest.mark.integration

FORM_BODY = clients.form_body(FILES)
NATIVE = list(clients.stream())
FORM = list(clients.pieces(FORM_BODY))
JSON_PIECES = list(clients.pieces(clients.json_body(), JSON))
WAYS: dict[str, list[Any]] = {"Submit": NATIVE, "SubmitForm": FORM, "SubmitForm JSON": JSON_PIECES}


def breaks(requests: list[Any]) -> Iterator[Any]:
    yield from requests
    raise RuntimeError("the client broke")


def stalls(requests: list[Any]) -> Iterator[Any]:
    yield from requests
    threading.Event().wait(0.5)


def begins(stub: Any, way: str, requests: Iterator[Any], **more: Any) -> Any:
    return getattr(stub, way.split(maxsplit=1)[0]).future(requests, **more)


@pytest.fixture
def nothing_begins(house: House) -> Iterator[None]:
    yield
    house.settle()
    assert house.processor.begun == 0
    assert house.cache.asked == []


@pytest.mark.usefixtures("nothing_begins")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.99])
@pytest.mark.parametrize(
    "ending", [iter, breaks, stalls], ids=["half-close", "generator breaks", "deadline"]
)
def test_an_upload_that_is_not_whole_reaches_nobody(
    house: House, way: str, share: float, ending: Callable[[list[Any]], Iterator[Any]]
) -> None:
    requests = WAYS[way][: int(len(WAYS[way]) * share)]

    with grpc.insecure_channel(house.address) as channel:
        call = begins(rpc.GatewayServiceStub(channel), way, ending(requests), timeout=0.2)
        error = call.exception()

    assert isinstance(error, grpc.RpcError)


@pytest.mark.usefixtures("nothing_begins")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("share", [0.3, 0.99])
def test_a_cancelled_upload_reaches_nobody(house: House, way: str, share: float) -> None:
    requests = WAYS[way][: int(len(WAYS[way]) * share)]
    sent = threading.Event()

    def then_waits() -> Iterator[Any]:
        yield from requests
        sent.set()
        threading.Event().wait(0.2)

    with grpc.insecure_channel(house.address) as channel:
        call = begins(rpc.GatewayServiceStub(channel), way, then_waits())
        assert sent.wait(5)
        call.cancel()


@pytest.mark.usefixtures("nothing_begins")
def test_a_form_without_its_closing_boundary_is_truncated(
    gateway: rpc.GatewayServiceStub,
) -> None:
    body = clients.form_body(FILES, closed=False)

    with pytest.raises(grpc.RpcError) as caught:
        gateway.SubmitForm(clients.pieces(body), metadata=clients.rest(length=len(body)))

    assert clients.info(caught.value).reason == "TRUNCATED_UPLOAD"


@pytest.mark.usefixtures("nothing_begins")
@pytest.mark.parametrize(
    ("body", "content_type"), [(FORM_BODY, clients.FORM), (clients.json_body(), JSON)]
)
def test_a_body_shorter_than_its_headers_said_is_truncated(
    gateway: rpc.GatewayServiceStub, body: bytes, content_type: str
) -> None:
    metadata = clients.rest(length=len(body) + 1)

    with pytest.raises(grpc.RpcError) as caught:
        gateway.SubmitForm(clients.pieces(body, content_type), metadata=metadata)

    info = clients.info(caught.value)
    assert info.reason == "TRUNCATED_UPLOAD"
    assert info.metadata["expected"] == str(len(body) + 1)
    assert info.metadata["found"] == str(len(body))
