"""A steady stream of submissions, as several clients send them, and the history that they write."""

from __future__ import annotations

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
from faults.history import History
from faults.inputs import files
from suite import FINAL, SUBMIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from suite import Suite

CLIENTS = 3
PAUSE = 0.15
"""Seconds between two submissions of one client: the suite keeps up when it is well."""
PATIENCE = 12.0
"""Seconds that a client waits for an answer; then it sends the same again."""
AHEAD = 5
"""Inputs that a client submits before it waits for a drawing: on a machine that is busy with other
things the queue must not grow without end.
"""
SENT_TWICE = 4
"""Every so many inputs are submitted again once they are accepted."""

NUMBERS = itertools.count(1)
"""Over all tests of a process: none is answered from the cache by accident."""


class Traffic:
    """Clients that submit until told to stop."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.history = History()
        self.is_over = threading.Event()

    def run(self) -> None:
        """Submit new inputs, each until it is accepted."""
        with httpx.Client(
            base_url=self.suite.stack.url, timeout=PATIENCE, trust_env=False
        ) as client:
            while not self.is_over.is_set():
                for _ in range(AHEAD):
                    number = next(NUMBERS)
                    for _ in range(1 + (number % SENT_TWICE == 0)):
                        self._insist(client, number)
                self._wait_for(client, number)

    def _insist(self, client: httpx.Client, number: int) -> None:
        while True:
            reason, body = submit(client, number)
            if not reason:
                self.history.accept(number, body["task_id"])
            else:
                self.history.refuse(reason)
            if self.is_over.wait(PAUSE) or not reason:
                return

    def _wait_for(self, client: httpx.Client, number: int) -> None:
        while not self.is_over.wait(PAUSE):
            known = tuple(self.history.accepted.get(number, ()))
            if all(is_final(client, task_id) for task_id in known):
                return

    def flows(self, count: int = 6) -> float:
        """Return how many seconds it takes until so many more inputs are accepted and drawn."""
        began = time.monotonic()
        known = set(self.history.accepted)
        new = self.suite.until(
            lambda: [n for n in list(self.history.accepted) if n not in known],
            lambda numbers: len(numbers) >= count,
        )
        for number in new:
            for task_id in tuple(self.history.accepted[number]):
                self.suite.finished(task_id)
        return time.monotonic() - began


def is_final(client: httpx.Client, task_id: str) -> bool:
    """Return whether a client is told that a task has ended."""
    try:
        answer = client.get(f"/api/v1/frontal/crop/status/{task_id}")
    except httpx.TransportError:
        return False
    return answer.status_code == httpx.codes.OK and answer.json()["status"] in FINAL


def submit(client: httpx.Client, number: int) -> tuple[str, dict[str, Any]]:
    """Submit an input; return the reason of a refusal, empty for none, and the answer."""
    try:
        answer = client.post(SUBMIT, files=files(number))
    except httpx.TransportError:
        return "no connection", {}
    body: dict[str, Any] = answer.json()
    if answer.status_code == httpx.codes.OK:
        return "", body
    reasons = [detail["reason"] for detail in body["details"] if "reason" in detail]
    assert len(reasons) == 1, answer.text
    [reason] = reasons
    return reason, body


@contextmanager
def flowing(suite: Suite, clients: int = CLIENTS) -> Iterator[Traffic]:
    """Let clients submit within the block."""
    traffic = Traffic(suite)
    with ThreadPoolExecutor(clients) as threads:
        runs = [threads.submit(traffic.run) for _ in range(clients)]
        try:
            traffic.flows(1)
            yield traffic
        finally:
            traffic.is_over.set()
        for run in runs:
            run.result()
