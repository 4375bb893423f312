# ruff: noqa: S608 - all of it stands here or beside it
"""The statements about tasks, as `tasks` runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.cache import writes
from services.cache.moves import Advanced, Leased, Move, Succeeded

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = (
    *("task_id", "input_hash", "tenant", "status", "progress", "step", "attempt", "options"),
    *("error_type", "error_message", "deterministic"),
    *("submitted_at", "started_at", "completed_at", "ttl_expires_at"),
    *("processing_time_ms", "cache_hits", "regions_detected", "svg_sha256"),
    *("lease_token", "lease_until", "photo", "has_deliveries"),
)
"""What is read of a task, in the order that `tasks.task` takes it."""

READ = f"{', '.join(COLUMNS)}, now() AS read_at"

INPUTS = "input_parts, input_digests, input_data"
"""What is read of a task's inputs where they are in its row, in the order `inputs.kept` takes."""

# Lists may be read as a role that sees neither leases nor photos.
LISTED = READ.replace("lease_token", "NULL::uuid AS lease_token").replace(
    "photo", "NULL::bytea AS photo"
)

BY_ID = f"SELECT {READ} FROM task_results WHERE task_id = %s"
BY_ID_LOCKED = f"{BY_ID} FOR UPDATE"
BY_IDS = f"SELECT {READ}, drawing, svg_data FROM task_results WHERE task_id = ANY(%s)"
"""Tasks with their drawings, where those are in their rows."""

LIVE = f"SELECT {READ} FROM task_results WHERE input_hash = %s AND tenant = %s AND is_live"

LIVE_ALL = f"""
SELECT {READ} FROM unnest(%s::text[], %s::text[]) AS asked (input_hash, tenant)
JOIN task_results USING (input_hash, tenant) WHERE is_live
"""

LAPSED = f"""
SELECT {READ} FROM task_results WHERE status = 'PROGRESS' AND lease_until <= now()
ORDER BY lease_until LIMIT %s FOR UPDATE SKIP LOCKED
"""

NEWEST = f"""
SELECT {LISTED} FROM task_results WHERE tenant = %(tenant)s
ORDER BY submitted_at DESC, task_id DESC LIMIT %(limit)s
"""
NEXT = f"""
SELECT {LISTED} FROM task_results
WHERE tenant = %(tenant)s AND (submitted_at, task_id) < (%(submitted_at)s, %(task_id)s)
ORDER BY submitted_at DESC, task_id DESC LIMIT %(limit)s
"""

PENDING = "SELECT count(*) FROM task_results WHERE status = 'PENDING'"
PENDING_BEFORE = f"{PENDING} AND submitted_at < %s"

ERASE = "DELETE FROM task_results WHERE task_id = ANY(%s)"

TAKE_STRANDED = """
WITH stranded AS MATERIALIZED (
    SELECT task_id FROM task_results
    WHERE status = 'PENDING' AND (enqueued_at IS NULL OR enqueued_at <= now() - %(older_than)s)
    ORDER BY submitted_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE task_results SET enqueued_at = now()
WHERE task_id IN (SELECT task_id FROM stranded) RETURNING task_id, request_id, traceparent
"""

HOLD = f"""
UPDATE task_results SET holders = holders + 1
WHERE task_id = %s AND status IN ('PENDING', 'PROGRESS') RETURNING {READ}
"""
LET_GO = """
UPDATE task_results SET holders = holders - 1
WHERE task_id = %s AND holders > 0 RETURNING holders
"""


def noted(change: str, *, name: str, value: str, unit: str, operation: str, given: str = "") -> str:
    """Return a statement that makes a change, notes it in the history, and reads what it made.

    `given` is what the change reads first: queries with their names.
    """
    return f"""
    WITH {given} changed AS ({change}), noted AS (
        INSERT INTO processing_metrics
            (metric_name, metric_value, metric_unit, component, operation, task_id)
        SELECT '{name}', {value}, '{unit}', 'cache', '{operation}', task_id FROM changed
    )
    SELECT * FROM changed
    """


ADD = noted(
    f"""
    INSERT INTO task_results (
        task_id, input_hash, tenant, request_id, traceparent, options,
        image_width, image_height, landmarks_count, photo, holders,
        {INPUTS}, input_size
    )
    SELECT
        %(task_id)s, %(input_hash)s, %(tenant)s, %(request_id)s, %(traceparent)s, %(options)s,
        %(image_width)s, %(image_height)s, %(landmarks_count)s, %(photo)b, 1,
        %(input_parts)s, %(input_digests)b, %(input_data)b, %(input_size)s
    FROM waiting WHERE pending < %(most)s
    ON CONFLICT DO NOTHING RETURNING {READ}, (SELECT pending FROM waiting) AS pending
    """,
    given=f"waiting (pending) AS MATERIALIZED ({PENDING}),",
    name="cache_miss",
    value="1",
    unit="count",
    operation="begin",
)


def moving(kind: type[Move], where: str, returning: str = READ) -> str:
    """Return the statement that makes a move of the task that `where` is about."""
    change = f"""
    UPDATE task_results SET status = '{kind.to}', {writes.COLUMNS[kind]}
    WHERE {where} RETURNING {returning}
    """
    if kind is not Succeeded:
        return change
    time = "processing_time_ms"
    return noted(change, name="processing_time", value=time, unit="ms", operation="draw")


MOVE: Mapping[type[Move], str] = {
    kind: moving(kind, "task_id = %(task_id)s") for kind in writes.COLUMNS
}

# By the rule of `policy.check_holder`: a lease that ran out counts while nobody else has the task.
HELD = "task_id = %(task_id)s AND status = 'PROGRESS' AND lease_token = %(holder)s"

# Nobody waits for the disk: a crash of Postgres may take a step back.
ADVANCE = moving(Advanced, f"{HELD} AND set_config('synchronous_commit', 'off', true) = 'off'")
"""A step of the task that a token holds, without locking it first: workers report often."""

# By the rules of `leases`: neither held nor final, nor begun as often as is allowed.
LEASE = moving(
    Leased,
    """task_id = %(task_id)s AND attempt < %(most)s
        AND (status = 'PENDING' OR (status = 'PROGRESS' AND lease_until <= now()))
    """,
    returning=f"{READ}, {INPUTS}",
)
"""The lease of a task that may be had, without locking it first: it nearly always may."""

SUCCEED = moving(Succeeded, HELD)
"""The drawing of the task that a token holds, as with a step."""

SUCCEED_ALONE = moving(
    Succeeded,
    f"{HELD} AND NOT EXISTS (SELECT FROM task_inputs WHERE task_id = %(task_id)s)",
)
"""The same, where nothing is to be erased besides."""
