"""Lookups that share one stream to the cache: a call for each would cost more than its answer.

One message of questions is on its way at a time, and whoever asks meanwhile is in the next. A
stream that breaks, or answers late, leaves its questions unanswered; they are asked by calls of
their own then, which tell what is wrong.
"""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import TYPE_CHECKING, Any

import grpc

from facesvg.v1 import cache_pb2
from services.runtime import tracing

if TYPE_CHECKING:
    from asyncio import Future, Task

    from facesvg.v1 import cache_pb2_grpc

    Call = grpc.aio.StreamStreamCall[Any, Any]
    Question = tuple[cache_pb2.FindResultRequest, str, Future[cache_pb2.FindResultResponse]]

AT_ONCE = 100
"""Questions in one message."""

PATIENCE = 1.0
"""Seconds that a message may take: an answer takes a few milliseconds."""

PAUSE = 1.0
"""Seconds without a stream after one that broke."""

LIFE = 60.0
"""Seconds until a stream is opened anew, maybe to another replica."""


class Unanswered(Exception):
    """The stream did not answer a question."""


class Lookups:
    """Asks the cache, many at once."""

    def __init__(self, stub: cache_pb2_grpc.CacheServiceAsyncStub) -> None:
        self._stub = stub
        self._asked: list[Question] = []
        self._asker: Task[None] | None = None
        self._call: Call | None = None
        self._ends_at = 0.0
        self._broken_until = 0.0

    async def find(self, request: cache_pb2.FindResultRequest) -> cache_pb2.FindResultResponse:
        """Return the cache's answer; raises `Unanswered` where there is none."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._broken_until:
            raise Unanswered
        answer: Future[cache_pb2.FindResultResponse] = loop.create_future()
        traceparent = tracing.origin().traceparent if tracing.is_on() else ""
        self._asked.append((request, traceparent, answer))
        if self._asker is None or self._asker.done():
            # Of all who ask, not of the call that happened to begin it.
            self._asker = asyncio.create_task(self._ask(), context=Context())
        return await answer

    async def _ask(self) -> None:
        while self._asked:
            asked, self._asked = self._asked[:AT_ONCE], self._asked[AT_ONCE:]
            try:
                async with asyncio.timeout(PATIENCE):
                    answers = await self._answers(asked)
            # Whatever it is, calls of their own will meet it.
            except (Exception, asyncio.CancelledError):  # noqa: BLE001
                self._give_up([*asked, *self._asked])
                return
            for (_, _, waiting), answer in zip(asked, answers, strict=True):
                if not waiting.done():  # whoever asked may have gone
                    waiting.set_result(answer)

    async def _answers(self, asked: list[Question]) -> list[cache_pb2.FindResultResponse]:
        call = await self._opened()
        message = cache_pb2.FindResultsRequest(requests=[request for request, _, _ in asked])
        if any(traceparent for _, traceparent, _ in asked):
            message.traceparents.extend(traceparent for _, traceparent, _ in asked)
        await call.write(message)
        answer: Any = await call.read()
        if answer is grpc.aio.EOF or len(answer.responses) != len(asked):
            raise Unanswered
        return list(answer.responses)

    async def _opened(self) -> Call:
        """Return the stream, opened anew where it is old."""
        now = asyncio.get_running_loop().time()
        if self._call is not None and now >= self._ends_at:
            await self._call.done_writing()
            self._call = None
        if self._call is None:
            self._call = self._stub.FindResults()
            self._ends_at = now + LIFE
        return self._call

    def _give_up(self, asked: list[Question]) -> None:
        """Leave the stream, and questions to those who asked them."""
        if self._call is not None:
            self._call.cancel()
        self._call, self._asked = None, []
        self._broken_until = asyncio.get_running_loop().time() + PAUSE
        for _, _, waiting in asked:
            if not waiting.done():
                waiting.set_exception(Unanswered())
