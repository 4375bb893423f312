"""The least that a gateway can do: reads an upload, drops it, answers; `python sink.py PORT`."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from facesvg.v1 import gateway_pb2, gateway_pb2_grpc
from services.runtime.server import OPTIONS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ANSWER = gateway_pb2.SubmitResponse(
    task_id="0" * 36, status="SUCCESS", message="The drawing is ready.", input_hash="0" * 64
)


class Sink(gateway_pb2_grpc.GatewayServiceServicer):
    """Answers every form alike."""

    async def SubmitForm(  # noqa: N802 - gRPC's name
        self, request_iterator: AsyncIterator[gateway_pb2.SubmitFormRequest], context: Any
    ) -> gateway_pb2.SubmitResponse:
        """Read to the end."""
        del context
        async for message in request_iterator:
            len(message.form.data)
        return ANSWER


async def main(port: int) -> None:
    """Serve until killed."""
    server = grpc.aio.server(options=OPTIONS)
    gateway_pb2_grpc.add_GatewayServiceServicer_to_server(Sink(), server)  # type: ignore[abstract]
    healthy = health.aio.HealthServicer()
    await healthy.set("", health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(healthy, server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
