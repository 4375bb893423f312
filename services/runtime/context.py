"""What is known of the call under way, wherever in the code one asks."""

from __future__ import annotations

import re
import uuid
from contextvars import ContextVar
from dataclasses import dataclass

REQUEST_ID_KEY = "x-request-id"
"""Metadata key, HTTP header, and option of queue messages alike."""

# Asked by machines, not for anybody: not worth a line or a span each.
QUIET = (
    "/grpc.health.v1.Health/",
    "/grpc.reflection.",
    "/facesvg.v1.OperationsService/",
    "/facesvg.v1.CacheService/TakeStranded",
    "/facesvg.v1.CacheService/ListErasures",
    "/facesvg.v1.CacheService/FindResults",  # a stream that lasts; see `questions`
)

request_id: ContextVar[str] = ContextVar("request_id", default="")
task_id: ContextVar[str] = ContextVar("task_id", default="")
trace_id: ContextVar[str] = ContextVar("trace_id", default="")


@dataclass(frozen=True)
class Origin:
    """The call that something comes from: its request id, and its place in a trace (W3C).

    Either is empty where it is not known.
    """

    request_id: str = ""
    traceparent: str = ""


# What strangers send ends up in logs and error answers: nothing but plain words passes.
_PLAIN = re.compile(r"[A-Za-z0-9._:-]{1,128}")


def request_id_from(offered: str | None) -> str:
    """Return `offered` where it is a plain word of at most 128 characters, else a new id."""
    return offered if offered and _PLAIN.fullmatch(offered) else str(uuid.uuid4())
