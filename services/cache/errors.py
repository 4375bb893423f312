"""What can be wrong with a call to the cache; `facts` has every value of the message."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

SHOWN = 64
"""Characters of a wrong value that an error repeats: what carries errors takes 8 KiB."""


class CacheError(Exception):
    """A call cannot be answered as asked."""

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.facts: Mapping[str, str] = {name: str(value) for name, value in facts.items()}


class InvalidArgument(CacheError):
    """A value of the request cannot be; `field` names it."""

    def __init__(self, field: str, value: object, right: str) -> None:
        shown = value[:SHOWN] if isinstance(value, str) else value
        super().__init__(f"{field} is {shown!r}; expected {right}", field=field, value=shown)
        self.field = field


class TaskNotFound(CacheError):
    """There is no such task, or it was erased."""

    def __init__(self, task_id: UUID) -> None:
        super().__init__(f"there is no task {task_id}, or it was erased", task_id=task_id)


class TaskNotFinished(CacheError):
    """The task has no drawing."""

    def __init__(self, task_id: UUID, status: str) -> None:
        super().__init__(
            f"task {task_id} is {status}; only SUCCESS has a drawing",
            task_id=task_id,
            status=status,
        )


class LeaseLost(CacheError):
    """The caller does not hold the task, or no longer."""

    def __init__(self, task_id: UUID) -> None:
        super().__init__(f"task {task_id} is no longer held under this lease", task_id=task_id)


class TaskCancelled(CacheError):
    """The task was cancelled while the caller held it."""

    def __init__(self, task_id: UUID) -> None:
        super().__init__(f"task {task_id} was cancelled", task_id=task_id)


class RepeatKeyReused(CacheError):
    """An idempotency key stands for another submission."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"idempotency key {key} was sent with other inputs or options before; choose another",
            idempotency_key=key,
        )


class QueueFull(CacheError):
    """As many tasks wait as are allowed to; `retry_after` is in seconds."""

    def __init__(self, limit: int, retry_after: float) -> None:
        super().__init__(f"{limit} tasks wait already; send the request again later", limit=limit)
        self.retry_after = retry_after


class DrawingTooLarge(CacheError):
    """The drawing is larger than the cache stores."""

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(
            f"the drawing has {size_bytes} bytes; at most {limit_bytes} are stored",
            size_bytes=size_bytes,
            limit_bytes=limit_bytes,
        )


class DataLoss(CacheError):
    """Stored bytes no longer have their digest; they were dropped."""

    def __init__(self, task_id: UUID) -> None:
        super().__init__(
            f"stored bytes of task {task_id} are damaged and were dropped; submit again",
            task_id=task_id,
        )


class PostgresAway(CacheError):
    """Postgres does not answer; the call may be repeated."""

    def __init__(self, said: str = "postgres does not answer; send the request again") -> None:
        super().__init__(said, dependency="postgres")


class PostgresFull(PostgresAway):
    """Postgres has no room; the call may be repeated once it has, after `retry_after` seconds."""

    retry_after = 60.0

    def __init__(self) -> None:
        super().__init__("postgres has no room left, nothing was stored; send the request later")
