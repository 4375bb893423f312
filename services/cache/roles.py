"""Divides the database among three roles: `python -m services.cache.roles`.

Run it with a `DATABASE_DIRECT_URL` (or `DATABASE_URL`) of who owns the database and may make roles,
at first and after each upgrade: it migrates too. It makes what is missing and changes what differs.
Afterwards the service needs the service's role alone, which can neither change the schema nor read
what another schema has; dashboards come as the reader, who sees no photo and no drawing.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from services.cache import grants, sessions
from services.cache.grants import Roles
from services.cache.migrate import LOCK, SchemaError, migrate
from services.cache.settings import Settings
from services.runtime import console
from services.runtime.settings import Env, LogSettings, SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

logger = logging.getLogger(__name__)

NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")

OWNER_LIMITS = {"lock_timeout": "60000"}
"""A migration that waits for a table keeps all others from it: not for long."""

READER_LIMITS = {
    "statement_timeout": "30000",
    "lock_timeout": "5000",
    "idle_in_transaction_session_timeout": "60000",
    "default_transaction_read_only": "on",
}


@dataclass(frozen=True)
class RoleSettings:
    """Who does what; a role without a password keeps the one it has."""

    dsn: str
    roles: Roles
    statement_timeout: timedelta
    passwords: Mapping[str, str] = field(repr=False)

    @classmethod
    def from_env(cls, env: Env) -> RoleSettings:
        """Read them; raise `SettingError` for the first that is wrong."""
        settings = Settings.from_env(env)
        roles = Roles(
            owner=name(env, "DATABASE_OWNER_ROLE", Roles.owner),
            service=name(env, "DATABASE_SERVICE_ROLE", Roles.service),
            reader=name(env, "DATABASE_READER_ROLE", Roles.reader),
        )
        if len({roles.owner, roles.service, roles.reader}) < len(("owner", "service", "reader")):
            raise SettingError("DATABASE_READER_ROLE", roles.reader, "a role apart from the others")
        passwords = {
            roles.owner: env.text("DATABASE_OWNER_PASSWORD", ""),
            roles.service: env.text("DATABASE_SERVICE_PASSWORD", ""),
            roles.reader: env.text("DATABASE_READER_PASSWORD", ""),
        }
        return cls(settings.dsn, roles, settings.statement_timeout, passwords)

    @property
    def limits(self) -> Mapping[str, Mapping[str, str]]:
        """Postgres's settings of each role, in this database."""
        return {
            self.roles.owner: OWNER_LIMITS,
            self.roles.service: sessions.limits(self.statement_timeout),
            self.roles.reader: READER_LIMITS,
        }


def name(env: Env, variable: str, default: str) -> str:
    """Return the name of a role."""
    text = env.text(variable, default)
    if not NAME.fullmatch(text):
        right = "a role's name: lower-case letters, digits and _, not beginning with a digit"
        raise SettingError(variable, text, right)
    return text


def arrange(settings: RoleSettings) -> None:
    """Make the roles, migrate as the owner, and grant to each what it needs."""
    with psycopg.connect(settings.dsn) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        for role, limits in settings.limits.items():
            make(connection, role)
            limit(connection, role, limits)
            if settings.passwords[role]:
                set_password(connection, role, settings.passwords[role])
        join(connection, settings.roles.owner)
        grants.let_in(connection, settings.roles)
    as_owner = make_conninfo(settings.dsn, options=f"-c role={settings.roles.owner}")
    migrate(as_owner)
    with psycopg.connect(as_owner) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        grants.grant(connection, settings.roles)


def make(connection: psycopg.Connection, role: str) -> None:
    """Make a role that may log in, unless it is there."""
    found = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,))
    if found.rowcount == 0:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        logger.info("role made", extra={"facts": {"role": role}})


def limit(connection: psycopg.Connection, role: str, limits: Mapping[str, str]) -> None:
    """Give a role its settings in this database."""
    database = connection.info.dbname
    statement = sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}")
    for setting, value in limits.items():
        names = map(sql.Identifier, (role, database, setting))
        connection.execute(statement.format(*names, sql.Literal(value)))


def set_password(connection: psycopg.Connection, role: str, password: str) -> None:
    """Set a password; it leaves this process only as a hash, which no log can tell."""
    hashed = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    ).decode()
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
    connection.execute(statement.format(sql.Identifier(role), sql.Literal(hashed)))


def join(connection: psycopg.Connection, owner: str) -> None:
    """Let who runs this act as the owner; who may do all can already."""
    query = "SELECT rolsuper OR rolname = %s FROM pg_roles WHERE rolname = current_user"
    if connection.execute(query, (owner,)).fetchone() != (True,):
        connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(owner)))


def main() -> None:
    """Arrange the roles of the environment's settings."""
    env = Env(os.environ)
    try:
        console.configure(LogSettings.from_env(env))
        settings = RoleSettings.from_env(env)
        arrange(settings)
    except (SchemaError, SettingError, psycopg.Error) as error:
        sys.exit(f"cache: {error}".strip())
    facts = {
        "owner": settings.roles.owner,
        "service": settings.roles.service,
        "reader": settings.roles.reader,
    }
    logger.info("roles are arranged", extra={"facts": facts})


if __name__ == "__main__":
    main()
