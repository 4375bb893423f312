"""An idempotency key on its way in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
import pytest
from integration.gateway import clients
from integration.gateway.clients import FILES, JSON

if TYPE_CHECKING:
    from collections.abc import Callable

    from integration.gateway.house import House

    from facesvg.v1 import gateway_pb2 as pb
    from facesvg.v1 import gateway_pb2_grpc as rpc

pytestmark = pytest.mark.integration

Metadata = tuple[tuple[str, str], ...]

WAYS = {
    "grpc": lambda gateway, metadata: gateway.Submit(clients.stream(), metadata=metadata),
    "form": lambda gateway, metadata: gateway.SubmitForm(
        clients.pieces(clients.form_body(FILES)), metadata=clients.rest() + metadata
    ),
    "json": lambda gateway, metadata: gateway.SubmitForm(
        clients.pieces(clients.json_body(), JSON), metadata=clients.rest() + metadata
    ),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_it_reaches_the_cache_and_the_processor(
    house: House,
    gateway: rpc.GatewayServiceStub,
    way: Callable[[rpc.GatewayServiceStub, Metadata], pb.SubmitResponse],
) -> None:
    for _ in range(2):  # at first it may go to the processor alone
        way(gateway, (("idempotency-key", "mine"),))

    assert {asked.idempotency_key for asked in house.cache.asked} == {"mine"}
    assert {header.idempotency_key for header in house.processor.headers} == {"mine"}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_one_that_cannot_be_is_refused_before_anything_is_asked(
    house: House,
    gateway: rpc.GatewayServiceStub,
    way: Callable[[rpc.GatewayServiceStub, Metadata], pb.SubmitResponse],
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        way(gateway, (("idempotency-key", "two words"),))

    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert clients.info(caught.value).metadata["field"] == "idempotency-key"
    assert house.cache.asked == []


def test_a_renderer_is_asked_for_none(house: House, gateway: rpc.GatewayServiceStub) -> None:
    body = clients.renders(clients.form_body(FILES))

    list(gateway.Render(body, metadata=(*clients.rest(), ("idempotency-key", "mine"))))

    assert {header.idempotency_key for header in house.processor.headers} == {""}
