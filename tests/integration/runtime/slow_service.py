"""A service whose methods take as long as they are told; depends on a file being there."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc

from facesvg.v1 import operations_pb2
from services.runtime import deadlines
from services.runtime.server import begin, serve
from services.runtime.settings import Env, ServerSettings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence


async def wait(request: bytes, context: Any) -> bytes:
    """Wait for as many seconds as the request says."""
    del context
    await asyncio.sleep(float(request))
    return b"done"


async def watch(request: bytes, context: Any) -> AsyncIterator[bytes]:
    """Answer, and then nothing more."""
    del request, context
    yield b"first"
    await asyncio.Event().wait()


async def left(request: bytes, context: Any) -> bytes:
    """Return the seconds that a call on the caller's behalf may take."""
    del request, context
    return str(deadlines.bounded(60.0)).encode()


async def broken(request: bytes, context: Any) -> bytes:
    """Make a mistake."""
    del request, context
    raise KeyError


def register(server: grpc.aio.Server) -> Sequence[str]:
    """Add the methods."""
    methods: dict[str, Any] = {
        "Wait": grpc.unary_unary_rpc_method_handler(wait),
        "WatchIt": grpc.unary_stream_rpc_method_handler(watch),
        "Broken": grpc.unary_unary_rpc_method_handler(broken),
        "Left": grpc.unary_unary_rpc_method_handler(left),
    }
    handler = grpc.method_handlers_generic_handler("test.Slow", methods)
    server.add_generic_rpc_handlers((handler,))
    return []


async def file() -> operations_pb2.Dependency:
    """Return whether the file is there."""
    healthy = await asyncio.to_thread(Path(os.environ["DEPENDENCY"]).exists)
    return operations_pb2.Dependency(name="file", healthy=healthy)


if __name__ == "__main__":
    settings = ServerSettings.from_env(Env(os.environ), "slow", 0, 0)
    begin("slow", settings)
    asyncio.run(serve("slow", settings, register, faults={}, dependencies={"file": file}))
