"""How a submission becomes a task, or is found to be one, within one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from services.cache import inputs
from services.cache.errors import InvalidArgument, RepeatKeyReused

if TYPE_CHECKING:
    from services.cache.policy import Policy
    from services.cache.ports import Transaction
    from services.cache.records import Submission, Task
    from services.cache.repeats import RepeatKey

# A rival that was first and is gone again: twice in a row is unheard of.
TRIES = 5


class Outcome(Enum):
    """What a submission turned out to be."""

    HIT = "the result was there already"
    OWNER = "the task is new, the caller's to enqueue"
    FOLLOWER = "the same is under way as an earlier task"


@dataclass(frozen=True)
class Begun:
    """What a submission turned out to be, and the task to watch.

    `distance` is how many bits of the photos' hashes differ where the result is another photo's.
    """

    outcome: Outcome
    task: Task
    queue_depth: int = 0
    distance: int | None = None


@dataclass(frozen=True)
class Beginning:
    """Begins submissions; what it changes is the transaction's to keep."""

    transaction: Transaction
    policy: Policy

    async def once(self, submission: Submission) -> Begun:
        """Begin a submission, or find the task of the same one that was sent before."""
        repeat, callback_url = submission.repeat, submission.callback_url
        earlier = await repeated(self.transaction, repeat)
        if earlier is None:
            begun = await self._begin(submission)
            while not await self.noted(begun.task, repeat, callback_url):
                begun = await self._begin(submission)  # a hit that is gone by now
            return begun
        if earlier.status.is_final:
            return Begun(Outcome.HIT, earlier)
        is_own = earlier.task_id == submission.task_id
        depth = await self.transaction.tasks.count_pending(before=earlier)
        return Begun(Outcome.OWNER if is_own else Outcome.FOLLOWER, earlier, depth)

    async def _begin(self, submission: Submission) -> Begun:
        tasks = self.transaction.tasks
        if not submission.similarity and (begun := await self.added(submission)):
            return begun  # as nearly always: whoever asks has looked for the key just before
        for _ in range(TRIES):
            earlier = await tasks.read_live(submission.input_hash, submission.tenant)
            if earlier is not None and earlier.is_answer:
                return Begun(Outcome.HIT, earlier)
            if earlier is not None and not earlier.status.is_final:
                joined = await self._joined(submission, earlier)
                if joined is None:  # it has ended since
                    continue
                return joined
            if earlier is not None:  # expired
                await tasks.erase([earlier.task_id])
            similar = await self._similar(submission)
            if similar is not None:
                return similar
            if begun := await self.added(submission):
                return begun
            self.policy.admit(await tasks.count_pending())
        raise InvalidArgument("task_id", submission.task_id, "an id that no task has")

    async def added(self, submission: Submission) -> Begun | None:
        """Add a task with its inputs; None when its key has a live task, or another its id.

        None also when no more tasks may wait.
        """
        added = await self.transaction.tasks.add(submission, self.policy.queue_limit)
        if added is None:
            return None
        task, pending = added
        if not inputs.are_few(submission.inputs):
            await self.transaction.blobs.keep_inputs(task.task_id, submission.inputs)
        if submission.likeness is not None:
            await self.transaction.likenesses.keep(task.task_id, submission.likeness)
        return Begun(Outcome.OWNER, task, pending)

    async def _joined(self, submission: Submission, earlier: Task) -> Begun | None:
        outcome = Outcome.OWNER
        if earlier.task_id != submission.task_id:
            held = await self.transaction.tasks.hold(earlier.task_id)
            if held is None:
                return None
            outcome, earlier = Outcome.FOLLOWER, held
        return Begun(outcome, earlier, await self.transaction.tasks.count_pending(before=earlier))

    async def _similar(self, submission: Submission) -> Begun | None:
        if submission.likeness is None or not submission.similarity:
            return None
        near = await self.transaction.likenesses.nearest(submission.likeness, submission.similarity)
        task = await self.transaction.tasks.read(near.task_id) if near else None
        if near is None or task is None or not task.is_answer:  # erased since
            return None
        return Begun(Outcome.HIT, task, distance=near.distance)

    async def noted(self, task: Task, repeat: RepeatKey | None, callback_url: str) -> bool:
        """Note what a submission wants of its task beside an answer; False where that is gone."""
        if repeat is not None:
            ttl = self.policy.repeat_ttl
            if not await self.transaction.repeats.keep(repeat, task.task_id, ttl):
                return False
        return not callback_url or await self.transaction.deliveries.add(task.task_id, callback_url)


def is_one_row(submission: Submission) -> bool:
    """Return whether a submission that begins a task is no more than a row."""
    more = (submission.likeness, submission.repeat, submission.callback_url)
    return inputs.are_few(submission.inputs) and not any(more)


async def answering(view: Transaction, input_hash: str, tenant: str) -> Task | None:
    """Return the task that answers a tenant's submissions of a key, if there is one."""
    task = await view.tasks.read_live(input_hash, tenant)
    return task if task is not None and task.is_answer else None


async def repeated(transaction: Transaction, repeat: RepeatKey | None) -> Task | None:
    """Return the task that a client's name for a submission stands for, if there still is one.

    Raises `RepeatKeyReused` for a name that stands for another submission.
    """
    kept = await transaction.repeats.lock(repeat) if repeat is not None else None
    if repeat is None or kept is None:
        return None
    if kept.fingerprint != repeat.fingerprint:
        raise RepeatKeyReused(repeat.text)
    task = await transaction.tasks.read(kept.task_id)
    return None if task is None or task.is_expired else task
