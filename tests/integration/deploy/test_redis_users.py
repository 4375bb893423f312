"""The queue works as the Redis user of production, who may do nothing else."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import redis
from suite import Suite

from deploy.compose import passwords
from deploy.local import tools
from deploy.local.ports import Ports
from services.processor.broker import QUEUE, open_broker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    users = tmp_path / "users"
    users.write_text(passwords.REDIS_USERS.format(redis="word"))
    port = Ports.free().api_port
    command = [str(tools.redis()), "--port", str(port), "--bind", "127.0.0.1"]
    command += ["--dir", str(tmp_path), "--save", "", "--aclfile", str(users)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            Suite.until(lambda: answers(port), bool)
            yield port
        finally:
            server.terminate()


def answers(port: int) -> bool:
    try:
        return bool(redis.Redis(port=port, username="health", password="none").ping())  # noqa: S106
    except redis.ConnectionError:
        return False


def test_the_user_of_the_suite_can_queue_and_consume(port: int) -> None:
    broker = open_broker(f"redis://facesvg:word@127.0.0.1:{port}/0", timedelta(seconds=15))
    broker.declare_queue(QUEUE)

    broker.do_enqueue(QUEUE, "one", b"message")
    fetched = broker.do_fetch(QUEUE, 1)
    broker.do_ack(QUEUE, "one")
    broker.do_purge(QUEUE)

    assert fetched == [b"message"]
    assert broker.client.info("server")["redis_version"]


@pytest.mark.parametrize(
    "command", ["CONFIG GET *", "FLUSHALL", "SET other 1", "ACL LIST", "SHUTDOWN"]
)
def test_the_user_of_the_suite_may_do_nothing_else(port: int, command: str) -> None:
    client = redis.Redis(port=port, username="facesvg", password="word")  # noqa: S106

    with pytest.raises(redis.exceptions.NoPermissionError):
        client.execute_command(*command.split())  # type: ignore[no-untyped-call]


def test_strangers_may_nothing(port: int) -> None:
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=port).ping()


def test_what_asks_for_figures_gets_those_and_no_task(port: int) -> None:
    with redis.Redis(port=port, username="monitoring", password="none") as client:  # noqa: S106
        figures = client.info("memory")
        with pytest.raises(redis.exceptions.NoPermissionError):
            client.lrange("dramatiq:masks", 0, -1)

    assert figures["used_memory"]
