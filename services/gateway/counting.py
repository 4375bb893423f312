"""Counts what submissions and lookups are answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.gateway import metrics
from services.gateway.submissions import EXACT, SIMILAR, ResultNotFound

if TYPE_CHECKING:
    from services.gateway.submissions import Answer, Submission, Submissions

OUTCOME = {"": "new", EXACT: "hit", SIMILAR: "similar"}


@dataclass(frozen=True)
class Counted:
    """Answers as `Submissions` does, and counts."""

    submissions: Submissions

    async def submit(self, submission: Submission) -> Answer:
        """Return the task that will have the drawing, or has it already."""
        answer = await self.submissions.submit(submission)
        metrics.submissions.labels(OUTCOME[answer.match]).inc()
        count(is_hit=answer.is_hit)
        return answer

    async def lookup(self, input_hash: str) -> Answer:
        """Return what a submission with this key would be answered; raises `ResultNotFound`."""
        try:
            answer = await self.submissions.lookup(input_hash)
        except ResultNotFound:
            count(is_hit=False)
            raise
        count(is_hit=True)
        return answer


def count(*, is_hit: bool) -> None:
    """Count one question to the cache."""
    metrics.cache_requests.labels("hit" if is_hit else "miss").inc()
    if is_hit:
        metrics.cache_hits.inc()
