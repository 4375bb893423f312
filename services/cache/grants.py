"""What each role may do with the database: the owner all, the service rows, dashboards figures.

The statements take names by `psycopg.sql`; all may be run again at any time. They count on the
database being the suite's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import psycopg

READABLE = (
    "schema_migrations",
    "processing_metrics",
    "metrics_hourly",
    "metrics_daily",
    "metrics_rolled",
    "metrics_by_hour",
    "cache_performance",
    "tallies",
    "tally_changes",
)
"""What dashboards read; a table of photos, faces or drawings is not among them."""

# Of the tasks all but the drawing, the SVG and the token that would let its reader end a task.
READABLE_COLUMNS = {
    "task_results": """
        task_id, input_hash, tenant, status, progress, step, options, image_width, image_height,
        landmarks_count, submitted_at, enqueued_at, started_at, completed_at, ttl_expires_at,
        attempt, worker, lease, lease_until, error_type, error_message, deterministic, result_data,
        input_size, drawing_size, svg_size, svg_sha256, regions_detected, processing_time_ms,
        cache_hits, last_used_at, is_live, holders, has_deliveries
    """,
    "blobs": "size, created_at, wanted_at",
}

DEFAULT = "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public"

# Before migrations: who may come in, and who owns what is there.
ENTRANCE = (
    "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
    "GRANT CONNECT ON DATABASE {database} TO {owner}, {service}, {reader}",
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    "GRANT USAGE, CREATE ON SCHEMA public TO {owner}",
    "GRANT USAGE ON SCHEMA public TO {service}, {reader}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} REVOKE ALL ON FUNCTIONS FROM PUBLIC",
    f"{DEFAULT} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {{service}}",
    f"{DEFAULT} GRANT USAGE ON SEQUENCES TO {{service}}",
    f"{DEFAULT} GRANT EXECUTE ON FUNCTIONS TO {{service}}",
)

# After them. No default gives the reader anything: a new table is hidden until it is listed above.
USE = (
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {service}",
    "REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM {service}",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {service}",
    "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC",
    "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {service}",
    "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {reader}",
)

# What lies in the schema and belongs to somebody else; not what came with an extension, nor what
# follows its table.
FOREIGN = """
WITH bound AS (SELECT objid FROM pg_depend WHERE deptype IN ('e', 'a', 'i'))
SELECT format(
    'ALTER %%s %%s OWNER TO %%I',
    CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
        ELSE 'TABLE' END,
    oid::regclass, %(owner)s::text
) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
    AND relowner <> %(owner)s::regrole AND (relkind <> 'S' OR oid NOT IN (SELECT objid FROM bound))
UNION ALL
SELECT format('ALTER ROUTINE %%s OWNER TO %%I', oid::regprocedure, %(owner)s::text) FROM pg_proc
WHERE pronamespace = 'public'::regnamespace
    AND proowner <> %(owner)s::regrole AND oid NOT IN (SELECT objid FROM bound)
"""


@dataclass(frozen=True)
class Roles:
    """The names of the three."""

    owner: str = "facesvg_owner"
    service: str = "facesvg_service"
    reader: str = "facesvg_reader"


def let_in(connection: psycopg.Connection, roles: Roles) -> None:
    """Close the database to all others, and give the owner what is there."""
    run(connection, ENTRANCE, roles)
    for (statement,) in connection.execute(FOREIGN, {"owner": roles.owner}).fetchall():
        connection.execute(statement)


def grant(connection: psycopg.Connection, roles: Roles) -> None:
    """Let the service use the tables and the reader read figures."""
    run(connection, [*USE, *readable()], roles)


def readable() -> Iterator[str]:
    """Yield the statements that let the reader read."""
    for table in READABLE:
        yield f"GRANT SELECT ON {table} TO {{reader}}"
    for table, columns in READABLE_COLUMNS.items():
        yield f"GRANT SELECT ({columns}) ON {table} TO {{reader}}"


def run(connection: psycopg.Connection, statements: Sequence[str], roles: Roles) -> None:
    """Run statements with the names put in."""
    names = {
        "database": connection.info.dbname,
        "owner": roles.owner,
        "service": roles.service,
        "reader": roles.reader,
    }
    quoted = {name: sql.Identifier(value) for name, value in names.items()}
    for statement in statements:
        connection.execute(sql.SQL(statement).format(**quoted))
