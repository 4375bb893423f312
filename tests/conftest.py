"""What every test stands on."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Callable

# Tests start servers as other accounts, which forks; gRPC's handlers, which it sets up when it is
# imported, would break the children now and then.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")

pytest_plugins = ["fixtures.postgres", "fixtures.redis", "fixtures.stack"]

# A busy machine is slow; that says nothing about the code. And the same code gets the same verdict,
# unless `FUZZ=1` looks for new examples.
settings.register_profile(
    "suite",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="FUZZ" not in os.environ,
)
settings.load_profile("suite")


@pytest.fixture(autouse=True)
def _this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse any connection that leaves the machine."""
    connect: Callable[..., Any] = socket.socket.connect

    def refuse_strangers(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise ConnectionRefusedError(f"tests stay on this machine, not {address[0]}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", refuse_strangers)
