"""A service of one method that takes as long as it is told; depends on a file being there."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc

from facesvg.v1 import operations_pb2
from services.runtime.server import serve
from services.runtime.settings import Env, ServerSettings

if TYPE_CHECKING:
    from collections.abc import Sequence


async def wait(request: bytes, context: Any) -> bytes:
    """Wait for as many seconds as the request says."""
    del context
    await asyncio.sleep(float(request))
    return b"done"


def register(server: grpc.aio.Server) -> Sequence[str]:
    """Add the method."""
    methods: dict[str, Any] = {"Wait": grpc.unary_unary_rpc_method_handler(wait)}
    handler = grpc.method_handlers_generic_handler("test.Slow", methods)
    server.add_generic_rpc_handlers((handler,))
    return []


async def dependencies() -> Sequence[operations_pb2.Dependency]:
    """Return whether the file is there."""
    healthy = await asyncio.to_thread(Path(os.environ["DEPENDENCY"]).exists)
    return [operations_pb2.Dependency(name="file", healthy=healthy)]


if __name__ == "__main__":
    settings = ServerSettings.from_env(Env(os.environ), "slow", 0, 0)
    asyncio.run(serve("slow", settings, register, faults={}, dependencies=dependencies))
