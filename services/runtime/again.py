"""Calls that are made again while the other side is being restarted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Answer = TypeVar("Answer")

PAUSES = (0.1, 0.2, 0.4, 0.8, 1.0)
"""Seconds between attempts: a service that is restarted is back in one or two."""

ABSENT = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
"""What a server that stops answers to what it has not begun is the second."""

CUT = "Internal error from Core"
"""What gRPC says, as INTERNAL, of a call whose connection broke while it sent a message."""

SOON = 2.0
"""Seconds: who asks for more time is not being restarted."""


async def insisting(call: Callable[[], Awaitable[Answer]]) -> Answer:
    """Return what a call answers, made again while nobody is there to take it.

    For calls that change nothing when they come twice. What the other side could not do since
    one of *its* peers is away it has tried again itself: that ends the matter here.
    """
    for pause in PAUSES:
        try:
            return await call()
        except grpc.aio.AioRpcError as error:
            if not is_absent(error):
                raise
        await asyncio.sleep(pause)
    return await call()


def is_absent(error: grpc.aio.AioRpcError) -> bool:
    """Return whether nobody took a call, or one who was about to leave."""
    if is_cut(error):
        return True
    if error.code() not in ABSENT:
        return False
    status = rpc_status.from_call(error)
    if status is None:
        return True
    retry = error_details_pb2.RetryInfo()
    is_soon = any(detail.Unpack(retry) for detail in status.details)
    return is_soon and retry.retry_delay.ToTimedelta().total_seconds() <= SOON


def is_cut(error: grpc.aio.AioRpcError) -> bool:
    """Return whether the connection broke under a call, which is no fault of the other side."""
    return error.code() is grpc.StatusCode.INTERNAL and error.details() == CUT
