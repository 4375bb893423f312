"""A part that is away for a while is told, takes nothing with it, and is missed no longer."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

import pytest
from faces import heavy_png
from faults.inputs import embedding, files
from faults.strikes import paused
from faults.traffic import NUMBERS, flowing
from suite import SUBMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from suite import Suite

# One stack is enough for all of them.
pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]

SVG = "/api/v1/frontal/crop/svg/"


def test_what_is_submitted_without_redis_is_drawn_when_it_is_back(suite: Suite) -> None:
    suite.stack.part("redis").stop()
    task_id = suite.submit(files(next(NUMBERS)))["task_id"]
    suite.until(lambda: suite.rest.get("/health").status_code, lambda status: status == 503)

    suite.stack.restart("redis")

    assert suite.finished(task_id)["status"] == "SUCCESS"
    suite.until(lambda: suite.rest.get("/health").status_code, lambda status: status == 200)


def test_a_postgres_that_hangs_is_told_within_the_deadline_and_harms_nothing(
    suite: Suite,
) -> None:
    with flowing(suite, clients=1) as traffic:
        with paused(suite.stack, "postgres"):
            with ThreadPoolExecutor(2) as at_once:
                refusals = list(at_once.map(partial(refused, suite), (files, streamed)))
            suite.until(lambda: suite.rest.get("/health").status_code, lambda code: code == 503)
        traffic.history.blows += 1  # longer than a lease
        traffic.flows(2)

    for reason, waited in refusals:
        assert reason in ("DEADLINE_EXCEEDED", "DEPENDENCY_UNAVAILABLE")
        assert waited < 10
    suite.until(lambda: suite.rest.get("/health").status_code, lambda status: status == 200)
    traffic.history.check(suite)


def test_readers_that_do_not_read_fill_no_memory_and_hinder_nobody(suite: Suite) -> None:
    task_id = suite.submit(embedding(next(NUMBERS)), data={"embed_image": "true"})["task_id"]
    whole = len(suite.rest.get(SVG + suite.finished(task_id)["task_id"]).content)
    before = suite.memory("gateway", "cache", "envoy")

    with ExitStack() as held:
        for _ in range(12):
            reader = held.enter_context(socket.socket())
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.connect(suite.door)
            reader.sendall(f"GET {SVG}{task_id} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
            assert reader.recv(1)
        read = len(suite.rest.get(SVG + task_id).content)
        grown = suite.memory("gateway", "cache", "envoy") - before

    assert whole == read > 4 * 2**20
    assert grown < 12 * whole


def streamed(number: int) -> dict[str, bytes]:
    """Return a photo that is too large for one message."""
    return files(number) | {"image": heavy_png(1)}


def refused(suite: Suite, parts: Callable[[int], Mapping[str, bytes]]) -> tuple[str, float]:
    """Return why the suite refuses a drawing with its photo, and after how many seconds."""
    began = time.monotonic()
    embed = {"embed_image": "true"}
    answer = suite.rest.post(SUBMIT, files=parts(next(NUMBERS)), data=embed).json()
    [reason] = [detail["reason"] for detail in answer["details"] if "reason" in detail]
    return reason, time.monotonic() - began
