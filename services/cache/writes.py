"""What each move of a task writes, as SQL; Postgres's `now()` is the only clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from services.cache.blobs import ROW_BYTES
from services.cache.inputs import contents
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

if TYPE_CHECKING:
    from collections.abc import Mapping

# What no message stands for any more may be enqueued at once.
WAITING = "lease_until = NULL, enqueued_at = NULL, progress = 0, step = ''"

# The token stays, so that a repeated call is recognised.
ENDED = """
    lease_until = NULL, completed_at = now(), ttl_expires_at = now() + %(ttl)s,
    processing_time_ms = coalesce(round(extract(epoch FROM now() - started_at) * 1000), 0)
"""

KEPT_INPUTS = ", ".join(
    f"{column} = CASE WHEN %(keeps_inputs)s THEN {column} {otherwise}END"
    for column, otherwise in (
        ("input_parts", ""),
        ("input_digests", ""),
        ("input_data", ""),
        ("input_size", "ELSE 0 "),
    )
)

COLUMNS: Mapping[type[Move], str] = {
    Leased: """
        attempt = attempt + 1, worker = %(worker)s, lease = %(lease)s, lease_token = %(token)s,
        lease_until = now() + %(lease)s, started_at = now(), progress = 0, step = ''
    """,
    Advanced: "step = %(step)s, progress = %(progress)s, lease_until = now() + lease",
    Released: f"{WAITING}, attempt = attempt - 1",
    Lapsed: f"{WAITING}, lease_token = NULL",
    Succeeded: f"""{ENDED},
        progress = 100, drawing = %(record)b, drawing_size = %(record_size)s,
        result_data = %(summary)s, svg_data = %(svg)b, svg_blob = %(svg_blob)b,
        svg_size = %(svg_size)s, svg_sha256 = %(svg_sha256)b,
        regions_detected = %(regions_detected)s, last_used_at = now(),
        {KEPT_INPUTS}
    """,
    Failed: f"""{ENDED},
        error_type = %(error_type)s, error_message = %(error_message)s,
        deterministic = %(deterministic)s
    """,
    Cancelled: ENDED,
}
"""The assignments of each move, beside its status."""


def values(move: Move) -> dict[str, Any]:
    """Return the values of a move's assignments."""
    match move:
        case Leased(token=token, worker=worker, lease=lease):
            return {"token": token, "worker": worker, "lease": lease}
        case Advanced(step=step, progress=progress):
            return {"step": step, "progress": progress}
        case Released() | Lapsed():
            return {}
        case Succeeded(ttl=ttl, keeps_inputs=keeps_inputs):
            return {"ttl": ttl, "keeps_inputs": keeps_inputs, **drawn(move)}
        case Failed(failure=failure, ttl=ttl):
            told = {"error_type": failure.type, "error_message": failure.message}
            return {"ttl": ttl, **told, "deterministic": failure.deterministic}
        case Cancelled(ttl=ttl):
            return {"ttl": ttl}


def drawn(move: Succeeded) -> dict[str, Any]:
    """Return the values of a drawing: a small SVG goes into the row, of a large one the digest."""
    drawing = move.drawing
    is_small = drawing.svg.size <= ROW_BYTES
    return {
        "record": drawing.record,
        "record_size": len(drawing.record),
        "summary": Jsonb(drawing.summary),
        "svg": contents(drawing.svg) if is_small else None,
        "svg_blob": None if is_small else drawing.svg.digest,
        "svg_size": drawing.svg.size,
        "svg_sha256": drawing.svg.digest,
        "regions_detected": drawing.regions_detected,
    }
