"""Counts what submissions and lookups are answered, and tells of it in the log."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.gateway import metrics
from services.gateway.submissions import EXACT, SIMILAR, NotDrawn, ResultNotFound
from services.runtime.metrics import is_on

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from services.gateway.submissions import Answer, Submission, Submissions

logger = logging.getLogger(__name__)

OUTCOME = {"": "new", EXACT: "hit", SIMILAR: "similar"}


@dataclass(frozen=True)
class Counted:
    """Answers as `Submissions` does, counts, and tells."""

    submissions: Submissions

    async def submit(self, submission: Submission) -> Answer:
        """Return the task that will have the drawing, or has it already."""
        began = time.perf_counter()
        answer = await self.submissions.submit(submission)
        if is_on():
            metrics.submissions.labels(OUTCOME[answer.match]).inc()
        count(is_hit=answer.is_hit)
        tell(answer.ticket.task_id, began, is_hit=answer.is_hit)
        return answer

    async def lookup(self, input_hash: str) -> Answer:
        """Return what a submission with this key would be answered; raises `ResultNotFound`."""
        return await asked(self.submissions.lookup(input_hash), metrics.HASH)

    async def seek(self, submission: Submission) -> Answer:
        """Return what the cache alone answers a submission; raises `NotDrawn`."""
        return await asked(self.submissions.seek(submission), metrics.DIGESTS)


async def asked(question: Awaitable[Answer], by: str) -> Answer:
    """Return what the cache answers, counted and told.

    Who asks before an upload sends it when there is nothing, and the photo is counted then: counted
    here too, a miss would weigh twice as much as a hit.
    """
    began = time.perf_counter()
    try:
        answer = await question
    except (ResultNotFound, NotDrawn):
        if is_on():
            metrics.lookup_misses.labels(by).inc()
        tell("", began, is_hit=False)
        raise
    count(is_hit=True)
    tell(answer.ticket.task_id, began, is_hit=True)
    return answer


def count(*, is_hit: bool) -> None:
    """Count one photo that was asked for."""
    if not is_on():
        return
    metrics.cache_requests_of("hit" if is_hit else "miss").inc()
    if is_hit:
        metrics.cache_hits.inc()


def tell(task_id: str, began: float, *, is_hit: bool) -> None:
    """Log one question to the cache, and how long its answer took."""
    took = {"ms": round((time.perf_counter() - began) * 1000, 1)}
    facts = {"task_id": task_id, **took} if task_id else took
    logger.info("cache hit" if is_hit else "cache miss", extra={"facts": facts})
