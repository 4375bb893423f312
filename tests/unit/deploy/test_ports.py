from __future__ import annotations

import socket

import pytest

from deploy.local.ports import FREE, Ports, holder, is_free
from services.runtime.settings import Env, SettingError


def test_each_port_has_a_variable() -> None:
    ports = Ports.from_env(Env({"API_PORT": "8100", "WORKER_METRICS_PORT": "9200"}))

    assert (ports.api_port, ports.worker_metrics_port, ports.gateway_port) == (8100, 9200, 50051)


def test_variables_say_what_the_ports_are() -> None:
    ports = Ports.free()

    assert Ports.from_env(Env(ports.environment())) == ports


def test_impossible_port_is_refused() -> None:
    with pytest.raises(SettingError, match="API_PORT='70000'"):
        Ports.from_env(Env({"API_PORT": "70000"}))


def test_free_ports_are_all_different_and_free() -> None:
    chosen = list(vars(Ports.free()).values())

    assert len(set(chosen)) == len(chosen)
    assert all(port in FREE and is_free("127.0.0.1", port) for port in chosen)


def test_holder_of_a_port_is_named() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]

        assert not is_free("127.0.0.1", port)
        assert "pid" in holder(port)
