"""Settings of the cache, from environment variables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from services.cache.policy import MIB, Policy
from services.runtime.settings import SettingError

if TYPE_CHECKING:
    from services.runtime.settings import Env

DRIVERS = ("postgres", "postgresql", "postgresql+psycopg")
LOCAL = "postgresql://facesvg:facesvg@127.0.0.1:5432/facesvg"


@dataclass(frozen=True)
class Settings:
    """What the cache can be told; `ServerSettings` has where it listens."""

    database: URL
    direct: URL
    """For what needs a session of its own: LISTEN and migrations. Leads past any pooler."""
    replica: URL
    """For statistics and lists alone: a replica lags."""
    is_pooled: bool
    """Whether `database` and `replica` lead to a pooler in transaction mode."""
    pool_size: int
    max_overflow: int
    debug_sql: bool
    statement_timeout: timedelta
    start_timeout: timedelta
    policy: Policy
    cleanup_interval: timedelta
    metrics_retention: timedelta
    max_part_bytes: int

    @property
    def dsn(self) -> str:
        """The database for libpq, past any pooler, password and all: not for logs."""
        url = self.direct.set(drivername="postgresql")
        return url.render_as_string(hide_password=False)

    @classmethod
    def from_env(cls, env: Env) -> Settings:
        """Read them; raise `SettingError` for the first that is wrong."""
        database = database_url(env, "DATABASE_URL", LOCAL)
        is_pooled = env.flag("DATABASE_POOLER", False)
        return cls(
            database=database,
            direct=direct_url(env, None if is_pooled else database),
            replica=database_url(env, "DATABASE_READ_URL", database),
            is_pooled=is_pooled,
            pool_size=env.integer("SQLALCHEMY_POOL_SIZE", 8, minimum=1, maximum=1000),
            max_overflow=env.integer("SQLALCHEMY_MAX_OVERFLOW", 8, maximum=1000),
            debug_sql=env.flag("DEBUG_SQL", False),
            statement_timeout=timedelta(
                seconds=env.number("CACHE_STATEMENT_TIMEOUT_SECONDS", 15, minimum=0.1)
            ),
            start_timeout=timedelta(seconds=env.number("CACHE_START_TIMEOUT_SECONDS", 60)),
            policy=policy(env),
            cleanup_interval=timedelta(
                seconds=env.number("CACHE_CLEANUP_INTERVAL", 3600, minimum=1)
            ),
            metrics_retention=timedelta(
                days=env.integer("CACHE_METRICS_DAYS", 365, minimum=1, maximum=3650)
            ),
            max_part_bytes=env.integer("CACHE_MAX_PART_MB", 64, minimum=1, maximum=1024) * MIB,
        )


def policy(env: Env) -> Policy:
    """Return the numbers that decide."""
    return Policy(
        result_ttl=timedelta(hours=env.number("CACHE_TTL_HOURS", 24, minimum=0.001)),
        error_ttl=timedelta(minutes=env.number("CACHE_ERROR_TTL_MINUTES", 10, minimum=0.01)),
        input_retention=timedelta(hours=env.number("INPUT_RETENTION_HOURS", 0)),
        repeat_ttl=timedelta(hours=env.number("IDEMPOTENCY_HOURS", 24, minimum=0.001)),
        max_attempts=env.integer("TASK_MAX_ATTEMPTS", 3, minimum=1, maximum=100),
        queue_limit=env.integer("QUEUE_LIMIT", 1000, minimum=1),
        stranded_after=timedelta(seconds=env.number("STRANDED_AFTER_SECONDS", 10, minimum=0.1)),
        max_bytes=round(env.number("CACHE_MAX_SIZE_MB", 1000, minimum=0.001) * MIB),
    )


def database_url(env: Env, name: str, default: str | URL) -> URL:
    """Return where Postgres is, for psycopg."""
    text = env.text(name, "")
    try:
        url = make_url(text or default)
    except ArgumentError:
        url = None
    if url is None or url.drivername not in DRIVERS:
        shown = url.render_as_string() if url is not None else "***"
        raise SettingError(name, shown, "a URL such as postgresql://user:word@host/name")
    return url.set(drivername="postgresql+psycopg")


def direct_url(env: Env, default: URL | None) -> URL:
    """Return where Postgres is without a pooler; without a default it must be told."""
    if default is None and not env.text("DATABASE_DIRECT_URL", ""):
        right = "a URL that leads past the pooler, which LISTEN and migrations need"
        raise SettingError("DATABASE_DIRECT_URL", "", right)
    return database_url(env, "DATABASE_DIRECT_URL", default or LOCAL)
