"""Clients that leave: what they alone wanted is not drawn, what others want too is."""

from __future__ import annotations

import socket
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import grpc
import httpx
import psycopg
import pytest
from faults.inputs import files
from faults.strikes import paused
from faults.traffic import NUMBERS

from facesvg.v1 import cache_pb2, gateway_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from suite import Suite

# One stack is enough for all of them.
pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]

RENDER = "/api/v1/frontal/crop/render"


@contextmanager
def rendering(suite: Suite, parts: dict[str, bytes]) -> Iterator[None]:
    """Ask for a drawing, and hang up after the block."""
    request = httpx.Request("POST", suite.stack.url + RENDER, files=parts)
    body = request.read()
    told = [f"{name}: {value}" for name, value in request.headers.items()]
    head = "\r\n".join([f"POST {RENDER} HTTP/1.1", *told, "", ""])
    with closing(socket.create_connection(suite.door)) as client:
        client.sendall(head.encode() + body)
        yield


def holders(suite: Suite, task_id: str) -> int:
    with psycopg.connect(suite.stack.environment["DATABASE_URL"]) as database:
        query = "SELECT holders FROM task_results WHERE task_id = %s"
        [count] = database.execute(query, (task_id,)).fetchone() or (0,)
        return int(count)


def test_what_only_a_client_that_hangs_up_wanted_is_cancelled(suite: Suite) -> None:
    before = suite.task_ids()
    with paused(suite.stack, "worker"):
        with rendering(suite, files(next(NUMBERS))):
            [task_id] = suite.until(lambda: suite.task_ids() - before, bool)
            assert suite.status(task_id)["status"] == "PENDING"

        ended = suite.finished(task_id)

    assert ended["status"] == "CANCELLED"


def test_what_a_client_whose_time_is_over_wanted_is_cancelled(suite: Suite) -> None:
    before = suite.task_ids()
    with paused(suite.stack, "worker"):
        for seconds in (1, 4, 16):  # on a busy machine a photo may not be accepted in the first
            headers = {"grpc-timeout": f"{seconds}S"}
            answer = suite.rest.post(RENDER, files=files(next(NUMBERS)), headers=headers)
            assert answer.status_code == httpx.codes.GATEWAY_TIMEOUT
            if new := suite.task_ids() - before:
                break
        ended = {suite.finished(task_id)["status"] for task_id in new}

    assert ended == {"CANCELLED"}


def test_what_another_client_submitted_too_is_drawn(suite: Suite) -> None:
    parts = files(next(NUMBERS))
    with paused(suite.stack, "worker"):
        task_id = suite.submit(parts)["task_id"]
        with rendering(suite, parts):
            suite.until(lambda: holders(suite, task_id), lambda count: count == 2)
        suite.until(lambda: holders(suite, task_id), lambda count: count == 1)

    assert suite.finished(task_id)["status"] == "SUCCESS"


def test_who_only_watches_holds_nothing_and_cancels_nothing(suite: Suite) -> None:
    with paused(suite.stack, "worker"):
        task_id = suite.submit(files(next(NUMBERS)))["task_id"]
        with grpc.insecure_channel(suite.address("envoy")) as channel:
            stub = gateway_pb2_grpc.GatewayServiceStub(channel)
            records = stub.WatchTask(cache_pb2.WatchTaskRequest(task_id=task_id))
            assert next(records).status == "PENDING"
            records.cancel()
        assert holders(suite, task_id) == 1

    assert suite.finished(task_id)["status"] == "SUCCESS"
