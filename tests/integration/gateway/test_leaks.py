"""What goes wrong inside stays inside: a client gets a request id, and nothing else of it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from integration.gateway import clients

from facesvg.v1 import cache_pb2, cache_pb2_grpc, gateway_pb2_grpc, processor_pb2
from facesvg.v1 import gateway_pb2 as pb
from services.gateway.__main__ import compose
from services.gateway.faults import FAULTS
from services.gateway.peers import CachePeer
from services.gateway.settings import GatewaySettings
from services.gateway.tally import Tally
from services.runtime import channels, interceptors

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.integration

INSIDE = "SELECT svg FROM tasks -- /srv/facesvg/services/cache/tables.py line 7: KeyError('id')"
WORDS = ("select", "/srv", ".py", "keyerror", "traceback", "tasks --")
TASK = "00000000-0000-4000-8000-000000000000"

CALLS: dict[str, Callable[[Any], Any]] = {
    "Submit": lambda g: g.Submit(clients.stream()),
    "SubmitForm": lambda g: g.SubmitForm(
        clients.pieces(clients.form_body(clients.FILES)), metadata=clients.rest()
    ),
    "Render": lambda g: drained(
        g.Render(clients.renders(clients.form_body(clients.FILES)), metadata=clients.rest())
    ),
    "FindByDigest": lambda g: g.FindByDigest(pb.FindByDigestRequest(input_hash="0" * 64)),
    "FindByInputs": lambda g: g.FindByInputs(
        pb.FindByInputsRequest(image_sha256=bytes(32), landmarks=b"[]")
    ),
    "GetStatus": lambda g: g.GetStatus(pb.GetStatusRequest(task_id=TASK)),
    "WatchTask": lambda g: drained(g.WatchTask(cache_pb2.WatchTaskRequest(task_id=TASK))),
    "GetSvg": lambda g: drained(g.GetSvg(pb.GetSvgRequest(task_id=TASK))),
    "CancelTask": lambda g: g.CancelTask(cache_pb2.CancelTaskRequest(task_id=TASK)),
    "DeleteTask": lambda g: g.DeleteTask(cache_pb2.DeleteTaskRequest(task_id=TASK)),
    "ListTasks": lambda g: g.ListTasks(cache_pb2.ListTasksRequest()),
    "ListRecent": lambda g: g.ListRecent(pb.ListRecentRequest()),
    "ListRegions": lambda g: g.ListRegions(processor_pb2.ListPresetsRequest()),
    "GetCacheStats": lambda g: g.GetCacheStats(cache_pb2.GetStatsRequest()),
    "CleanupCache": lambda g: g.CleanupCache(cache_pb2.CleanupRequest()),
    "GetHealth": lambda g: g.GetHealth(pb.GetHealthRequest()),
    "GetDatabaseHealth": lambda g: g.GetDatabaseHealth(pb.GetDatabaseHealthRequest()),
}


class Broken(grpc.GenericRpcHandler):
    """Peers that answer every call with what is inside of them."""

    def __init__(self, code: grpc.StatusCode | None) -> None:
        self._code = code

    def service(self, handler_call_details: Any) -> Any:
        del handler_call_details

        async def told(requests: Any, context: Any) -> Any:
            async for _ in requests:
                break
            if self._code is None:
                raise KeyError(INSIDE)
            await context.abort(self._code, INSIDE)

        return grpc.stream_unary_rpc_method_handler(told)


async def drained(call: Any) -> None:
    """Read an answer to its end."""
    async for _ in call:
        pass


async def answer(method: str, code: grpc.StatusCode | None) -> grpc.aio.AioRpcError | None:
    """Return how a gateway with broken peers ends a call."""
    async with AsyncExitStack() as stack:
        peer = grpc.aio.server(handlers=[Broken(code)])
        address = f"127.0.0.1:{peer.add_insecure_port('127.0.0.1:0')}"
        await peer.start()
        stack.push_async_callback(peer.stop, None)
        cache = await stack.enter_async_context(channels.open_channel(address))
        tally = Tally(CachePeer(cache_pb2_grpc.CacheServiceStub(cache)))
        servicer = compose(GatewaySettings.from_env({}), cache, cache, tally)
        gateway = grpc.aio.server(
            interceptors=[interceptors.RequestIds(), interceptors.Faults(FAULTS)]
        )
        gateway_pb2_grpc.add_GatewayServiceServicer_to_server(servicer, gateway)
        address = f"127.0.0.1:{gateway.add_insecure_port('127.0.0.1:0')}"
        await gateway.start()
        stack.push_async_callback(gateway.stop, None)
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(address))
        try:
            await CALLS[method](gateway_pb2_grpc.GatewayServiceStub(channel))
        except grpc.aio.AioRpcError as error:
            return error
        return None


@pytest.mark.parametrize("code", [None, grpc.StatusCode.INTERNAL, grpc.StatusCode.UNAUTHENTICATED])
@pytest.mark.parametrize("method", sorted(CALLS))
def test_no_word_of_a_broken_peer_reaches_a_client(
    method: str, code: grpc.StatusCode | None
) -> None:
    error = asyncio.run(answer(method, code))

    assert error is not None
    status = rpc_status.from_call(error)
    assert status is not None
    said = f"{error.details()} {status}".lower()
    assert [word for word in WORDS if word in said] == []
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    assert info.reason in {"INTERNAL", "DEPENDENCY_UNAVAILABLE"}


def test_every_method_but_the_page_of_metrics_is_tried() -> None:
    service = pb.DESCRIPTOR.services_by_name["GatewayService"]
    # Which never fails: it shows what it has of those that answer.
    assert set(CALLS) == {method.name for method in service.methods} - {"GetSuiteMetrics"}
