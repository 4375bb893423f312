"""Uploads as one message or as a stream of them: the server sees the same."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from unit.loops import looped

from facesvg.v1 import processor_pb2 as pb
from facesvg.v1 import processor_pb2_grpc as rpc
from services.runtime.sending import sender

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

METHOD = pb.DESCRIPTOR.services_by_name["ProcessorService"].methods_by_name["SubmitTask"]


class Counting(rpc.ProcessorServiceServicer):
    """Answers with how many messages came; one that is slow never answers."""

    def __init__(self, *, is_slow: bool = False) -> None:
        self._is_slow = is_slow

    async def SubmitTask(  # noqa: N802 - gRPC names it
        self, request_iterator: AsyncIterator[pb.SubmitTaskRequest], context: Any
    ) -> pb.SubmitTaskResponse:
        """Count."""
        del context
        if self._is_slow:
            await asyncio.Event().wait()
        return pb.SubmitTaskResponse(queue_depth=len([one async for one in request_iterator]))

    async def ListPresets(  # noqa: N802
        self, request: Any, context: Any
    ) -> pb.ListPresetsResponse:
        """Nothing."""
        del request, context
        return pb.ListPresetsResponse()


async def serving(servicer: Counting) -> tuple[grpc.aio.Server, str]:
    server = grpc.aio.server()
    rpc.add_ProcessorServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, f"127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("messages", "count"),
    [
        ([pb.SubmitTaskRequest()], 1),
        (iter([pb.SubmitTaskRequest()] * 3), 3),
        ([pb.SubmitTaskRequest()] * 2, 2),
        ([], 0),
    ],
    ids=["one", "a stream", "several", "none"],
)
@looped
async def test_every_message_arrives(messages: Iterable[Any], count: int) -> None:
    server, address = await serving(Counting())
    async with grpc.aio.insecure_channel(address) as channel:
        assert (await sender(channel, METHOD)(messages)).queue_depth == count
    await server.stop(None)


@looped
async def test_a_thread_sends_alike() -> None:
    server, address = await serving(Counting())
    with grpc.insecure_channel(address) as channel:
        send = sender(channel, METHOD)
        for count in (1, 3):
            answer = await asyncio.to_thread(send, [pb.SubmitTaskRequest()] * count)
            assert answer.queue_depth == count
    await server.stop(None)


@pytest.mark.parametrize("count", [1, 3], ids=["one", "a stream"])
@looped
async def test_an_answer_is_waited_for_as_long_as_is_said(count: int) -> None:
    server, address = await serving(Counting(is_slow=True))
    async with grpc.aio.insecure_channel(address) as channel, asyncio.timeout(10):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await sender(channel, METHOD)([pb.SubmitTaskRequest()] * count, seconds=0.05)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    await server.stop(None)
