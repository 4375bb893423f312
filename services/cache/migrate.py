"""Brings the database to the schema of this version: `python -m services.cache.migrate`.

Migrations are the numbered files in `schema/`, run once each and in order, forward only. Any number
of processes may start at once: an advisory lock lets one at a time look and run.
"""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

import psycopg

from services.cache.settings import Settings
from services.runtime import console
from services.runtime.settings import Env, LogSettings, SettingError

if TYPE_CHECKING:
    from collections.abc import Sequence

logger = logging.getLogger(__name__)

# Any number will do that no other program locks in the same database: "facesvg" in ASCII.
LOCK = 0x66616365737667

HISTORY = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    version    integer     PRIMARY KEY,
    name       text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


class SchemaError(RuntimeError):
    """The database cannot have the schema of this version."""


class SchemaTooNew(SchemaError):
    """The database was migrated by a later version of the service."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(
            f"the database's schema is version {found}, this service knows {known}; "
            "run the version that migrated it, or a later one"
        )


class MayNotMigrate(SchemaError):
    """The database lacks migrations, and the role may not run them."""

    def __init__(self, role: str, missing: Sequence[Migration]) -> None:
        names = ", ".join(step.name for step in missing)
        super().__init__(
            f"the database lacks {names}, which role {role} may not run; "
            "run `python -m services.cache.migrate` as the schema's owner"
        )


@dataclass(frozen=True)
class Migration:
    """One file of the schema."""

    version: int
    name: str
    sql: str


def migrations() -> Sequence[Migration]:
    """Return the migrations of this version, first to last."""
    scripts = [path for path in files("services.cache.schema").iterdir() if path.name[0].isdigit()]
    return [
        Migration(int(path.name[:4]), path.name.removesuffix(".sql"), path.read_text("utf-8"))
        for path in sorted(scripts, key=lambda path: path.name)
    ]


def migrate(dsn: str, steps: Sequence[Migration] | None = None) -> Sequence[Migration]:
    """Run what the database does not have yet and return it; raise `SchemaTooNew` when it is.

    `dsn` is a libpq connection string. Every migration is a transaction of its own. Where nothing
    is missing, any role that may read the schema's version will do; else raises `MayNotMigrate`.
    """
    steps = migrations() if steps is None else steps
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))  # ends with the connection
        version = present(connection)
        known = max(step.version for step in steps)
        if version > known:
            raise SchemaTooNew(version, known)
        missing = [step for step in steps if step.version > version]
        try:
            if version == 0:
                connection.execute(HISTORY)
            for step in missing:
                apply(connection, step)
        except psycopg.errors.InsufficientPrivilege as error:
            raise MayNotMigrate(connection.info.user, missing) from error
        return missing


def present(connection: psycopg.Connection) -> int:
    """Return the version of the database's schema, 0 for an empty one."""
    if connection.execute("SELECT to_regclass('schema_migrations')").fetchone() == (None,):
        return 0
    found = connection.execute("SELECT coalesce(max(version), 0) FROM schema_migrations")
    version: int = (found.fetchone() or (0,))[0]
    return version


def apply(connection: psycopg.Connection, step: Migration) -> None:
    """Run one migration and note it, or leave no trace of it."""
    with connection.transaction():
        connection.execute(step.sql)
        connection.execute(
            "INSERT INTO schema_migrations (version, name) VALUES (%s, %s)",
            (step.version, step.name),
        )
    logger.info("migrated", extra={"facts": {"migration": step.name}})


def main() -> None:
    """Migrate the database of `DATABASE_URL`."""
    env = Env(os.environ)
    console.configure(LogSettings.from_env(env))
    try:
        done = migrate(Settings.from_env(env).dsn)
    except (SchemaError, SettingError, psycopg.OperationalError) as error:
        sys.exit(f"cache: {error}")
    logger.info("schema is up to date", extra={"facts": {"migrations_run": len(done)}})


if __name__ == "__main__":
    main()
