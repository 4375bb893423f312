"""Postgres: the engine, its connections, and what it means when it does not answer."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import psycopg
from sqlalchemy import exc, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from services.cache import sessions
from services.cache.blobs import BlobRows
from services.cache.deliveries import DeliveryRows
from services.cache.erasures import ErasureRows
from services.cache.errors import PostgresAway, PostgresFull
from services.cache.likenesses import LikenessRows
from services.cache.repeats import RepeatRows
from services.cache.rest import Doubt, ask_the_rested
from services.cache.tasks import TaskRows
from services.runtime import tracing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from services.cache.settings import Settings

# Lost connections, refused ones, statements that took too long, deadlocks: all may be repeated.
AWAY = (
    exc.OperationalError,
    exc.InterfaceError,
    exc.TimeoutError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
)

SPAN = {"db.system.name": "postgresql"}


class View:
    """Tasks and bytes over one connection."""

    def __init__(self, connection: AsyncConnection, raw: psycopg.AsyncConnection) -> None:
        self.connection = connection
        self.raw = raw
        self.blobs = BlobRows(raw)
        self.deliveries = DeliveryRows(raw)
        self.erasures = ErasureRows(raw)
        self.likenesses = LikenessRows(raw)
        self.repeats = RepeatRows(raw)
        self.tasks = TaskRows(raw, self.blobs)


class Database:
    """A pool of connections. Its managers raise `PostgresAway` when Postgres does not answer."""

    def __init__(
        self, engine: AsyncEngine, doubt: Doubt, limits: Mapping[str, str] | None = None
    ) -> None:
        """`limits` come with each transaction, where a connection cannot be told at its start."""
        self._engine = engine
        self._doubt = doubt
        self._limits = limits

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[View]:
        """Yield a view whose changes are committed together at the end of the block."""
        with tracing.span("transaction", tracing.CLIENT, SPAN), answering():
            async with self._viewing() as view, view.raw.transaction():
                if self._limits is not None:
                    await view.raw.execute(sessions.SET_LOCAL, self._limits)
                yield view

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[View]:
        """Yield a view in which each statement stands for itself."""
        with tracing.span("statement", tracing.CLIENT, SPAN), answering():
            async with self._viewing() as view:
                yield view

    async def version(self) -> str:
        """Return what the server calls itself, such as `PostgreSQL 16.4`."""
        async with self.reading() as view:
            version = cast("str", await view.connection.scalar(text("SHOW server_version")))
            return f"PostgreSQL {version.split()[0]}"

    @asynccontextmanager
    async def _viewing(self) -> AsyncIterator[View]:
        """Yield a view; where its connection is lost, the pool's others are to be asked."""
        async with self._engine.connect() as connection:
            held = await raw(connection)
            try:
                yield View(connection, held)
            except AWAY:
                if held.closed:
                    self._doubt.rise()
                    # Else the pool would roll it back, and log that it cannot.
                    await connection.invalidate()
                raise

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()


def open_database(settings: Settings) -> Database:
    """Return the database of the settings; it connects when it is first asked."""
    engine = create_async_engine(
        settings.database,
        pool_size=settings.pool_size,
        max_overflow=settings.max_overflow,
        # Transactions are begun by psycopg, where there are any.
        isolation_level="AUTOCOMMIT",
        pool_timeout=sessions.CONNECT_TIMEOUT,
        # What was used last has its statements prepared, and what rests can end.
        pool_use_lifo=True,
        connect_args=sessions.arguments(settings),
    )
    limits = sessions.limits(settings.statement_timeout) if settings.is_pooled else None
    return Database(engine, ask_the_rested(engine.sync_engine), limits)


def open_replica(settings: Settings) -> Database | None:
    """Return the database to read statistics and lists from; None where that is the first."""
    if settings.replica == settings.database:
        return None
    return open_database(replace(settings, database=settings.replica))


@contextmanager
def answering() -> Iterator[None]:
    """Turn the ways in which Postgres can be away into `PostgresAway`."""
    try:
        yield
    except AWAY as error:
        cause = error.orig if isinstance(error, exc.DBAPIError) else error
        is_full = isinstance(cause, psycopg.errors.DiskFull)
        raise (PostgresFull if is_full else PostgresAway) from error


async def raw(connection: AsyncConnection) -> psycopg.AsyncConnection:
    """Return the psycopg connection, for bytes; it shares the transaction."""
    held = await connection.get_raw_connection()
    return cast("psycopg.AsyncConnection", held.driver_connection)
