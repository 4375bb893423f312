"""What a client is told when something goes wrong, on every shape of RPC."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from services.runtime import channels, faults
from services.runtime.context import REQUEST_ID_KEY
from services.runtime.faults import Fault, FaultTable
from services.runtime.interceptors import AccessLog, Faults, Metrics, RequestIds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

SHAPES = ("unary_unary", "unary_stream", "stream_unary", "stream_stream")


class WrongColour(ValueError):
    facts: ClassVar = {"colour": "mauve"}
    field = "colour"
    retry_after = 1.5


TABLE: FaultTable = {WrongColour: Fault(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_OPTION")}


async def fail(request: Any, context: Any) -> bytes:  # noqa: ARG001 - a behaviour's shape
    raise await what(request)


async def fail_streaming(request: Any, context: Any) -> AsyncIterator[bytes]:  # noqa: ARG001
    yield b"first"
    raise await what(request)


async def what(request: Any) -> Exception:
    word = request if isinstance(request, bytes) else await anext(request)
    return WrongColour("mauve is no colour") if word == b"ours" else RuntimeError("a secret path")


def handlers() -> grpc.GenericRpcHandler:
    methods = {
        shape: getattr(grpc, f"{shape}_rpc_method_handler")(
            fail_streaming if shape.endswith("stream") else fail
        )
        for shape in SHAPES
    }
    return grpc.method_handlers_generic_handler("test.Service", methods)


def error_of(shape: str, word: bytes) -> grpc.aio.AioRpcError:
    error: grpc.aio.AioRpcError = asyncio.run(calling(lambda channel: call(channel, shape, word)))
    return error


async def calling(use: Callable[[grpc.aio.Channel], Awaitable[Any]]) -> Any:
    server = grpc.aio.server(interceptors=[RequestIds(), AccessLog(), Metrics(), Faults(TABLE)])
    server.add_generic_rpc_handlers((handlers(),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with channels.open_channel(f"127.0.0.1:{port}") as channel:
            return await use(channel)
    finally:
        await server.stop(0)


async def call(channel: grpc.aio.Channel, shape: str, word: bytes) -> grpc.aio.AioRpcError:
    method = getattr(channel, shape)(f"/test.Service/{shape}")
    request = iter([word]) if shape.startswith("stream") else word
    answer = method(request, metadata=((REQUEST_ID_KEY, "req-7"),))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await (ended(answer) if shape.endswith("stream") else answer)
    return caught.value


async def ended(answer: AsyncIterator[bytes]) -> None:
    async for _ in answer:
        pass


def details(error: grpc.aio.AioRpcError, kind: Any) -> list[Any]:
    status = rpc_status.from_call(error)
    assert status is not None
    return [kind.FromString(d.value) for d in status.details if d.Is(kind.DESCRIPTOR)]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_known_exception_becomes_its_status_with_one_error_info(shape: str) -> None:
    error = error_of(shape, b"ours")

    [info] = details(error, error_details_pb2.ErrorInfo)
    assert (error.code(), error.details()) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "mauve is no colour",
    )
    assert (info.domain, info.reason, dict(info.metadata)) == (
        "facesvg",
        "INVALID_OPTION",
        {"colour": "mauve", "request_id": "req-7"},
    )


def test_a_field_becomes_a_bad_request_and_a_wait_a_retry_info() -> None:
    error = error_of("unary_unary", b"ours")

    [bad] = details(error, error_details_pb2.BadRequest)
    [retry] = details(error, error_details_pb2.RetryInfo)
    assert bad.field_violations[0].field == "colour"
    assert retry.retry_delay.ToTimedelta().total_seconds() == 1.5


@pytest.mark.parametrize("shape", SHAPES)
def test_a_mistake_of_ours_tells_nothing_but_the_request_id(shape: str) -> None:
    error = error_of(shape, b"boom")

    assert error.code() == grpc.StatusCode.INTERNAL
    assert error.details() == "internal error, request_id=req-7"


def test_a_peers_own_words_are_relayed() -> None:
    error = error_of("unary_unary", b"ours")

    status = faults.to_status(error, {})
    assert status is not None
    assert status.message == "mauve is no colour"


def test_a_peer_that_is_not_there_is_a_dependency_that_does_not_answer() -> None:
    bare = grpc.aio.AioRpcError(
        grpc.StatusCode.UNAVAILABLE,
        grpc.aio.Metadata(),
        grpc.aio.Metadata(),
        "connect failed: /srv/x",
    )

    status = faults.to_status(bare, {})
    assert status is not None
    assert status.code == grpc.StatusCode.UNAVAILABLE.value[0]
    assert "/srv" not in status.message


def test_an_unknown_method_is_unimplemented() -> None:
    async def use(channel: grpc.aio.Channel) -> grpc.StatusCode:
        method: Any = channel.unary_unary("/test.Service/Nothing")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await method(b"")
        return caught.value.code()

    assert asyncio.run(calling(use)) == grpc.StatusCode.UNIMPLEMENTED
