"""What each move of a task writes; Postgres's `now()` is the only clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import func, literal
from sqlalchemy.dialects.postgresql import INTERVAL

from services.cache.blobs import ROW_BYTES
from services.cache.moves import (
    Advanced,
    Cancelled,
    Failed,
    Lapsed,
    Leased,
    Move,
    Released,
    Succeeded,
)
from services.cache.tables import task_results

if TYPE_CHECKING:
    from datetime import timedelta

    from sqlalchemy import ColumnElement

    from services.cache.records import Failure, Source

Columns: TypeAlias = "dict[str, Any]"

t = task_results.c
now = func.now()

WAITING: Columns = {
    "lease_until": None,
    "enqueued_at": None,  # no message stands for it: it may be enqueued at once
    "progress": 0,
    "step": "",
}


def of(move: Move) -> Columns:
    """Return the columns that a move writes, and their values."""
    columns: Columns
    match move:
        case Leased():
            columns = leased(move)
        case Advanced(step=step, progress=progress):
            columns = {"step": step, "progress": progress, "lease_until": now + t.lease}
        case Released():
            columns = WAITING | {"attempt": t.attempt - 1}
        case Lapsed():
            columns = WAITING | {"lease_token": None}
        case Succeeded():
            columns = ended(move.ttl) | drawn(move)
        case Failed():
            columns = ended(move.ttl) | told(move.failure)
        case Cancelled():
            columns = ended(move.ttl)
    return {"status": move.to.value} | columns


def leased(move: Leased) -> Columns:
    """Return what the beginning of an attempt writes."""
    return {
        "attempt": t.attempt + 1,
        "worker": move.worker,
        "lease": move.lease,
        "lease_token": move.token,
        "lease_until": now + span(move.lease),
        "started_at": now,
        "progress": 0,
        "step": "",
    }


def ended(ttl: timedelta) -> Columns:
    """Return what every end writes. The token stays, so that a repeated call is recognised."""
    elapsed = func.extract("epoch", now - t.started_at) * 1000
    return {
        "lease_until": None,
        "completed_at": now,
        "ttl_expires_at": now + span(ttl),
        "processing_time_ms": func.coalesce(func.round(elapsed), 0),
    }


def drawn(move: Succeeded) -> Columns:
    """Return what a drawing writes: a small SVG into the row, of a large one the digest."""
    drawing = move.drawing
    is_small = drawing.svg.size <= ROW_BYTES
    return {
        "progress": 100,
        "drawing": drawing.record,
        "drawing_size": len(drawing.record),
        "result_data": drawing.summary,
        "svg_data": contents(drawing.svg) if is_small else None,
        "svg_blob": None if is_small else drawing.svg.digest,
        "svg_size": drawing.svg.size,
        "svg_sha256": drawing.svg.digest,
        "regions_detected": drawing.regions_detected,
        "last_used_at": now,
    }


def told(failure: Failure) -> Columns:
    """Return what a failure writes."""
    return {
        "error_type": failure.type,
        "error_message": failure.message,
        "deterministic": failure.deterministic,
    }


def span(duration: timedelta) -> ColumnElement[timedelta]:
    """Return a duration for SQL arithmetic."""
    return literal(duration, INTERVAL())


def contents(source: Source) -> bytes:
    """Return the bytes of a source, which stays open."""
    source.file.seek(0)
    return source.file.read()
