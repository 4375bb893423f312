"""What gRPC itself would refuse comes with a reason too."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from facesvg.v1 import gateway_pb2 as pb
from services.runtime import again
from services.runtime.context import REQUEST_ID_KEY
from services.runtime.interceptors import Faults, RequestIds
from services.runtime.messages import UnreadableMessages
from services.runtime.methods import SHOWN, UnknownMethods

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SHAPES = ("unary_unary", "unary_stream", "stream_unary", "stream_stream")
NO_TEXT = b"\x0a\x01\xff"
"""A task id that is not UTF-8."""


async def name(request: Any, context: Any) -> bytes:
    del context
    if hasattr(request, "__aiter__"):
        return b",".join([message.task_id.encode() async for message in request])
    return bytes(request.task_id.encode())


async def names(request: Any, context: Any) -> AsyncIterator[bytes]:
    yield await name(request, context)


def handlers() -> grpc.GenericRpcHandler:
    methods = {
        shape: getattr(grpc, f"{shape}_rpc_method_handler")(
            names if shape.endswith("stream") else name,
            request_deserializer=pb.GetStatusRequest.FromString,
        )
        for shape in SHAPES
    }
    return grpc.method_handlers_generic_handler("test.Service", methods)


def asked(method: str, shape: str, *requests: bytes) -> bytes:
    """Return what a method answers, or raise its error."""

    async def asking() -> bytes:
        server = grpc.aio.server(
            interceptors=[UnknownMethods(), RequestIds(), Faults({}, "test"), UnreadableMessages()]
        )
        server.add_generic_rpc_handlers((handlers(),))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        try:
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
                sent = iter(requests) if shape.startswith("stream") else requests[0]
                call = getattr(channel, shape)(method)(sent, metadata=((REQUEST_ID_KEY, "req-7"),))
                if shape.endswith("stream"):
                    return b"".join([piece async for piece in call])
                answer: bytes = await call
                return answer
        finally:
            await server.stop(0)

    return asyncio.run(asking())


def refused(method: str, shape: str, *requests: bytes) -> tuple[grpc.aio.AioRpcError, Any]:
    """Return an error and its one `ErrorInfo`."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        asked(method, shape, *requests)
    if again.is_cut(caught.value):  # it was refused while it was still sent
        return refused(method, shape, *requests)
    status = rpc_status.from_call(caught.value)
    assert status is not None
    [detail] = status.details
    return caught.value, error_details_pb2.ErrorInfo.FromString(detail.value)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_message_that_is_none_is_refused_with_its_method(shape: str) -> None:
    error, info = refused(f"/test.Service/{shape}", shape, NO_TEXT)

    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "UTF-8" in str(error.details())
    assert info.reason == "MALFORMED_REQUEST"
    assert dict(info.metadata) == {"method": f"/test.Service/{shape}", "request_id": "req-7"}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_message_that_is_one_arrives(shape: str) -> None:
    sent = [pb.GetStatusRequest(task_id=name).SerializeToString() for name in ("a", "b")]

    answer = asked(f"/test.Service/{shape}", shape, *sent)

    assert answer == (b"a,b" if shape.startswith("stream") else b"a")


def test_a_stream_is_refused_at_the_message_that_is_none() -> None:
    readable = pb.GetStatusRequest(task_id="a").SerializeToString()

    _, info = refused("/test.Service/stream_unary", "stream_unary", readable, NO_TEXT, readable)

    assert info.reason == "MALFORMED_REQUEST"


@pytest.mark.parametrize("shape", SHAPES)
def test_a_method_that_nobody_has_is_named(shape: str) -> None:
    error, info = refused("/test.Service/Nothing", shape, b"")

    assert error.code() == grpc.StatusCode.UNIMPLEMENTED
    assert "there is no method /test.Service/Nothing" in str(error.details())
    assert info.reason == "NOT_FOUND"
    assert dict(info.metadata) == {"method": "/test.Service/Nothing", "request_id": "req-7"}


def test_a_method_with_a_long_name_is_not_repeated_whole() -> None:
    error, info = refused("/test.Service/" + "a" * 4000, "unary_unary", b"")

    assert len(info.metadata["method"]) == SHOWN
    assert len(str(error.details())) < 2 * SHOWN
