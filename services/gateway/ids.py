"""What names a task or a result, checked before anyone is asked for it."""

from __future__ import annotations

import re

TASK_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
INPUT_HASH = re.compile(r"[0-9a-f]{64}")
SHA256_BYTES = 32
SHOWN = 64
"""Characters of a wrong value that an error repeats."""


class TaskNotFound(LookupError):
    """There is no task with this id."""

    def __init__(self, text: str) -> None:
        shown = text[:SHOWN]
        super().__init__(f"there is no task {shown!r}; a task's id is a UUID")
        self.facts = {"task_id": shown}


class InvalidArgument(ValueError):
    """A value outside the drawing options is wrong."""

    def __init__(self, field: str, value: object, expected: str) -> None:
        shown = str(value)[:SHOWN]
        super().__init__(f"{field} is {shown!r}; expected {expected}")
        self.field = field
        self.facts = {"field": field, "value": shown, "expected": expected}


def task_id(text: str) -> str:
    """Return a task's id in lower case; raises `TaskNotFound` for what can be none."""
    found = text.lower()
    if not TASK_ID.fullmatch(found):
        raise TaskNotFound(text)
    return found


def sha256(field: str, value: bytes) -> bytes:
    """Return a digest; raises `InvalidArgument` for what can be none."""
    if len(value) != SHA256_BYTES:
        raise InvalidArgument(field, f"{len(value)} bytes", f"a SHA-256, {SHA256_BYTES} bytes")
    return value


def input_hash(text: str) -> str:
    """Return an input hash in lower case; raises `InvalidArgument` for what can be none."""
    found = text.lower()
    if not INPUT_HASH.fullmatch(found):
        raise InvalidArgument("input_hash", text, "64 hexadecimal digits")
    return found
