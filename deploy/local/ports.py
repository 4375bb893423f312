"""The ports of a stack: the usual ones, other ones by variable, or any that are free."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import psutil

from services.runtime.settings import LAST_PORT

if TYPE_CHECKING:
    from services.runtime.settings import Env

FREE = range(20_000, 32_000)
"""Below what kernels give to outgoing connections, so that none takes a port before we do."""


@dataclass(frozen=True)
class Ports:
    """Every port of a stack; the variable of each is its name in capitals."""

    api_port: int = 8000
    envoy_admin_port: int = 9901
    gateway_port: int = 50051
    processor_port: int = 50052
    cache_port: int = 50053
    gateway_metrics_port: int = 9101
    processor_metrics_port: int = 9102
    cache_metrics_port: int = 9103
    worker_metrics_port: int = 9104

    @classmethod
    def from_env(cls, env: Env) -> Ports:
        """Read the variables `API_PORT`, `GATEWAY_METRICS_PORT` and so on."""
        usual = cls()
        return cls(
            **{
                name: env.integer(name.upper(), default, minimum=1, maximum=LAST_PORT)
                for name, default in vars(usual).items()
            }
        )

    @classmethod
    def free(cls) -> Ports:
        """Return ports that nobody listens on now."""
        with ExitStack() as held:  # all at once, so that none is chosen twice
            return cls(**{field.name: free_port(held) for field in fields(cls)})

    def environment(self) -> dict[str, str]:
        """Return the variables that say the same."""
        return {name.upper(): str(port) for name, port in vars(self).items()}


def free_port(held: ExitStack) -> int:
    """Return a free port and keep it bound until `held` closes."""
    while True:
        port = random.choice(FREE)  # noqa: S311 - no secret
        candidate = held.enter_context(socket.socket())
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            continue
        return port


def is_free(host: str, port: int) -> bool:
    """Return whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as candidate:
        # As servers do: a connection that has just ended does not count.
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((host, port))
        except OSError:
            return False
    return True


def holder(port: int) -> str:
    """Return who listens on a port, as far as this account may know."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        connections = []
    for connection in connections:
        if connection.status != psutil.CONN_LISTEN or getattr(connection.laddr, "port", 0) != port:
            continue
        if connection.pid is None:
            break
        try:
            return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
        except psutil.Error:
            break
    return "another program"
