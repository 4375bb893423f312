"""What clients were told, written down, and what must be true of it whatever was killed."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg
from faults.inputs import clean_digest

if TYPE_CHECKING:
    from suite import Suite

RETRYABLE = frozenset(
    {
        "DEADLINE_EXCEEDED",
        "DEPENDENCY_UNAVAILABLE",
        "QUEUE_FULL",
        "REQUEST_TIMEOUT",
        "no connection",
    }
)
"""Reasons after which a client sends the same bytes again; the last is what a dead door gives."""

# Bytes that are not what their row says, and rows that say nothing of bytes.
PARTIAL = """
SELECT count(*) FROM blobs LEFT JOIN LATERAL (
    SELECT sha256(string_agg(data, '' ORDER BY seq)) AS digest, sum(octet_length(data)) AS size
    FROM blob_chunks WHERE blob_chunks.digest = blobs.digest
) AS stored ON true
WHERE (stored.digest, stored.size) IS DISTINCT FROM (blobs.digest, blobs.size)
"""
DIVIDED = """
SELECT count(*) FROM (
    SELECT input_hash FROM task_results WHERE svg_sha256 IS NOT NULL
    GROUP BY input_hash HAVING count(DISTINCT svg_sha256) > 1
) AS inputs
"""


@dataclass
class History:
    """The tasks that were accepted, by the number of their input, and what was refused and why."""

    accepted: defaultdict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    refused: Counter[str] = field(default_factory=Counter)
    blows: int = 0
    """What was done to the suite so far: each may cost a task an attempt."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def size(self) -> int:
        """How many inputs were accepted."""
        return len(self.accepted)

    def accept(self, number: int, task_id: str) -> None:
        """Note that a client holds a task's id."""
        with self._lock:
            self.accepted[number].add(task_id)

    def refuse(self, reason: str) -> None:
        """Note that a client was told no."""
        with self._lock:
            self.refused[reason] += 1

    def check(self, suite: Suite) -> None:
        """Wait for the end of every accepted task, and hold all of them to what was promised."""
        assert self.refused.keys() <= RETRYABLE, self.refused
        for number, task_ids in self.accepted.items():
            expected = clean_digest(number)
            for task_id in task_ids:
                task = suite.finished(task_id)
                assert task["status"] == "SUCCESS", task
                svg = base64.b64decode(task["result"]["svg"])
                assert hashlib.sha256(svg).hexdigest() == expected
                assert task["attempt"] <= 1 + self.blows, task
        with psycopg.connect(suite.stack.environment["DATABASE_URL"]) as database:
            for query in (PARTIAL, DIVIDED):
                assert database.execute(query).fetchone() == (0,), query
