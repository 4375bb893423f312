"""Whether another service is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from facesvg.v1 import operations_pb2 as pb

if TYPE_CHECKING:
    from google.protobuf.message import Message

SERVING = health_pb2.HealthCheckResponse.SERVING
WITHIN = 1.0


async def state(name: str, channel: grpc.aio.Channel) -> pb.Dependency:
    """Return whether the service at the other end of `channel` says that it can work."""
    stub = health_pb2_grpc.HealthStub(channel)
    request: Message = health_pb2.HealthCheckRequest()
    try:
        answer = await stub.Check(request, timeout=WITHIN)
    except grpc.RpcError:
        return pb.Dependency(name=name, healthy=False, detail="does not answer")
    if answer.status != SERVING:
        return pb.Dependency(name=name, healthy=False, detail="answers that it is not ready")
    return pb.Dependency(name=name, healthy=True, detail="serving")
