"""Interceptors that wrap each method once."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import grpc

from services.runtime.around import replaced
from services.runtime.chain import Chain


class Signing(grpc.aio.ServerInterceptor):
    """Signs what a method answers, and counts how often it wrapped one."""

    def __init__(self, sign: str) -> None:
        self.sign = sign
        self.wrapped = 0

    async def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        handler = await continuation(handler_call_details)
        self.wrapped += 1
        return replaced(handler, self._signed) if handler is not None else None

    def _signed(self, behaviour: Any) -> Any:
        async def call(request: str, context: object) -> Any:
            return self.sign + await behaviour(request, context)

        return call


async def echo(request: str, context: object) -> str:
    del context
    return request


def ask(chain: Chain, method: str, *requests: str) -> list[str | None]:
    """Return what calls of a method are answered; None where nobody has it."""

    async def found(details: Any) -> Any:
        return grpc.unary_unary_rpc_method_handler(echo) if details.method == "/a.B/Echo" else None

    async def asking(request: str) -> str | None:
        handler = await chain.intercept_service(found, SimpleNamespace(method=method))
        return None if handler is None else await handler.unary_unary(request, None)

    return [asyncio.run(asking(request)) for request in requests]


def test_the_first_is_outermost() -> None:
    assert ask(Chain([Signing("1"), Signing("2")]), "/a.B/Echo", "x") == ["12x"]


def test_each_wraps_a_method_once_and_surrounds_every_call() -> None:
    only = Signing("1")

    assert ask(Chain([only]), "/a.B/Echo", "x", "y", "z") == ["1x", "1y", "1z"]
    assert only.wrapped == 1


def test_nothing_is_kept_of_methods_that_nobody_has() -> None:
    only = Signing("1")

    assert ask(Chain([only]), "/a.B/Nothing", "x", "y") == [None, None]
    assert only.wrapped == 2
