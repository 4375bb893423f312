"""Lookups that share one stream."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from unit.loops import looped

from facesvg.v1 import cache_pb2 as pb
from facesvg.v1 import cache_pb2_grpc as rpc
from services.gateway import lookups
from services.gateway.lookups import Lookups, Unanswered

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Cache(rpc.CacheServiceServicer):
    """Answers every question with itself; each message waits until it is let go."""

    def __init__(self) -> None:
        self.messages: list[list[str]] = []
        self.streams = 0
        self.came = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.left_out = 0
        self.is_broken = False

    async def FindResults(  # noqa: N802 - gRPC's name
        self, request_iterator: AsyncIterator[pb.FindResultsRequest], context: Any
    ) -> AsyncIterator[pb.FindResultsResponse]:
        self.streams += 1
        async for asked in request_iterator:
            self.messages.append([one.input_hash for one in asked.requests])
            self.came.set()
            await self.may_answer.wait()
            if self.is_broken:
                await context.abort(grpc.StatusCode.UNAVAILABLE, "away")
            kept = self.messages[-1][self.left_out :]
            yield pb.FindResultsResponse(
                responses=[pb.FindResultResponse(input_hash=one) for one in kept]
            )


def made() -> Cache:
    return Cache()  # type: ignore[abstract]


@asynccontextmanager
async def asking(cache: rpc.CacheServiceServicer) -> AsyncIterator[Lookups]:
    """Yield lookups in a cache."""
    server = grpc.aio.server()
    rpc.add_CacheServiceServicer_to_server(cache, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Lookups(rpc.CacheServiceStub(channel))
    await server.stop(grace=None)


async def find(asked: Lookups, key: str) -> str:
    answer = await asked.find(pb.FindResultRequest(input_hash=key))
    found: str = answer.input_hash
    return found


async def on_its_way(cache: Cache, asked: Lookups) -> asyncio.Task[str]:
    """Return a question that the cache has, and will not answer before it may."""
    cache.may_answer.clear()
    question = asyncio.create_task(find(asked, "a"))
    await cache.came.wait()
    return question


@looped
async def test_each_question_gets_its_own_answer_over_one_stream() -> None:
    cache = made()
    async with asking(cache) as asked:
        assert [await find(asked, key) for key in "abc"] == ["a", "b", "c"]

    assert cache.messages == [["a"], ["b"], ["c"]]
    assert cache.streams == 1


@looped
async def test_questions_that_come_while_one_is_asked_share_a_message() -> None:
    cache = made()
    async with asking(cache) as asked:
        first = await on_its_way(cache, asked)
        others = [asyncio.create_task(find(asked, key)) for key in "bcd"]
        await asyncio.sleep(0)
        cache.may_answer.set()

        assert await asyncio.gather(first, *others) == ["a", "b", "c", "d"]

    assert cache.messages == [["a"], ["b", "c", "d"]]


@looped
async def test_who_goes_takes_no_answer_from_others() -> None:
    cache = made()
    async with asking(cache) as asked:
        cache.may_answer.clear()
        gone, stays = (asyncio.create_task(find(asked, key)) for key in "ab")
        await cache.came.wait()
        gone.cancel()
        cache.may_answer.set()

        assert await stays == "b"


@looped
async def test_a_stream_that_breaks_leaves_its_questions_and_those_behind() -> None:
    cache = made()
    async with asking(cache) as asked:
        first = await on_its_way(cache, asked)
        second = asyncio.create_task(find(asked, "b"))
        await asyncio.sleep(0)
        cache.is_broken = True
        cache.may_answer.set()

        outcomes = await asyncio.gather(first, second, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [Unanswered, Unanswered]
    assert cache.messages == [["a"]]


@looped
async def test_a_broken_stream_is_opened_again_after_a_pause() -> None:
    cache = made()
    async with asking(cache) as asked:
        cache.is_broken = True
        with pytest.raises(Unanswered):
            await find(asked, "a")
        cache.is_broken = False
        with pytest.raises(Unanswered):
            await find(asked, "b")
        asked._broken_until = 0.0

        assert await find(asked, "c") == "c"

    assert cache.messages == [["a"], ["c"]]


@looped
async def test_an_answer_that_is_late_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "PATIENCE", 0.05)
    cache = made()
    cache.may_answer.clear()
    async with asking(cache) as asked:
        with pytest.raises(Unanswered):
            await find(asked, "a")


@looped
async def test_an_answer_to_other_questions_is_none() -> None:
    cache = made()
    cache.left_out = 1
    async with asking(cache) as asked:
        with pytest.raises(Unanswered):
            await find(asked, "a")


@looped
async def test_a_stream_is_opened_anew_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "LIFE", 0.0)
    cache = made()
    async with asking(cache) as asked:
        assert [await find(asked, key) for key in "ab"] == ["a", "b"]

    assert cache.streams == 2


@looped
async def test_a_cache_that_does_not_know_the_question_answers_nothing() -> None:
    async with asking(rpc.CacheServiceServicer()) as asked:  # type: ignore[abstract]
        with pytest.raises(Unanswered):
            await find(asked, "a")
