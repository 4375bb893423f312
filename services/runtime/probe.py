"""Asks a service of this container whether it serves: `python -m services.runtime.probe cache`.

What container engines call; ends with 0 when it does. Outside, `grpc.health.v1` is there for all.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.runtime.settings import LAST_PORT, Env, certificates

if TYPE_CHECKING:
    from services.runtime.tls import Certificates

WITHIN = 3.0
"""Seconds; less than what the container engine waits for the whole program."""


def serves(address: str, within: float = WITHIN, shown: Certificates | None = None) -> bool:
    """Return whether the service at an address says that it is serving."""
    # A proxy of the machine's is not the way to what is inside.
    options = [("grpc.enable_http_proxy", 0)]
    with (
        grpc.secure_channel(address, shown.channel(), options)
        if shown
        else grpc.insecure_channel(address, options)
    ) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        try:
            answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=within)
        except grpc.RpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def main(service: str) -> int:
    """Return 0 when the service on this container's port serves, else 1."""
    env = Env(os.environ)
    port = env.integer(f"{service.upper()}_PORT", 0, minimum=1, maximum=LAST_PORT)
    return 0 if serves(f"127.0.0.1:{port}", shown=certificates(env)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
