"""A callback URL where the service has no webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from integration.gateway import clients
from integration.gateway.clients import FILES, JSON, LANDMARKS

from facesvg.v1 import gateway_pb2 as pb
from facesvg.v1 import mask_pb2

if TYPE_CHECKING:
    from collections.abc import Callable

    from integration.gateway.house import House

    from facesvg.v1 import gateway_pb2_grpc as rpc

pytestmark = pytest.mark.integration

URL = "https://hooks.example/"
OPTIONS = mask_pb2.DrawOptions(callback_url=URL)
WAYS: dict[str, Any] = {
    "grpc": lambda gateway: gateway.Submit(clients.stream(callback_url=URL)),
    "form": lambda gateway: gateway.SubmitForm(
        clients.pieces(clients.form_body(FILES, {"callback_url": URL})), metadata=clients.rest()
    ),
    "json": lambda gateway: gateway.SubmitForm(
        clients.pieces(clients.json_body(callback_url=URL), JSON), metadata=clients.rest()
    ),
    "query": lambda gateway: gateway.SubmitForm(
        clients.pieces(clients.form_body(FILES)),
        metadata=clients.rest(f"/api/v1/frontal/crop/submit?callback_url={URL}"),
    ),
    "lookup": lambda gateway: gateway.FindByInputs(
        pb.FindByInputsRequest(options=OPTIONS, image_sha256=bytes(32), landmarks=LANDMARKS)
    ),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_it_is_refused_with_the_setting_that_is_missing(
    house: House,
    gateway: rpc.GatewayServiceStub,
    way: Callable[[rpc.GatewayServiceStub], Any],
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        way(gateway)

    assert caught.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    told = clients.info(caught.value)
    assert (told.reason, told.metadata["setting"]) == ("WEBHOOKS_OFF", "WEBHOOK_SECRET")
    assert house.cache.asked == []
    assert house.processor.begun == 0
