"""The real cache on a free port, in a loop of its own, before a real Postgres."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self, TypeVar

import grpc
import psycopg
from psycopg import sql

from facesvg.v1 import cache_pb2_grpc as rpc
from services.cache.__main__ import Cache, prepare, running
from services.cache.faults import FAULTS
from services.cache.settings import Settings
from services.runtime import interceptors, server
from services.runtime.settings import Env

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds after which a condition that has not come is taken for never coming."""


class House:
    """A running cache; `stub` is a client's, `sql` is Postgres's own view."""

    cache: Cache
    port: int

    def __init__(self, database_url: str, **variables: str) -> None:
        self.url = database_url
        self.settings = Settings.from_env(Env({"DATABASE_URL": database_url, **variables}))
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))

    def __enter__(self) -> Self:
        prepare(self.settings)
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        options = [("grpc.max_receive_message_length", 16 * 1024 * 1024)]
        self.channel = grpc.insecure_channel(f"127.0.0.1:{self.port}", options)
        self.stub = rpc.CacheServiceStub(self.channel)
        return self

    def __exit__(self, *_: object) -> None:
        self.channel.close()
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()

    async def _run(self) -> None:
        async with running(self.settings) as self.cache:
            grpc_server = grpc.aio.server(
                interceptors=[interceptors.Faults(FAULTS)], options=server.OPTIONS
            )
            rpc.add_CacheServiceServicer_to_server(self.cache.servicer, grpc_server)
            self.port = grpc_server.add_insecure_port("127.0.0.1:0")
            await grpc_server.start()
            self._ready.set()
            await self._stop.wait()
            await grpc_server.stop(grace=None)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Return what a coroutine of the cache's own loop returns."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE)

    def flush_hits(self) -> None:
        """Write the hits counted so far."""
        self.run(self.cache.hits.flush())

    def sql(self, query: Any, *params: object) -> list[tuple[Any, ...]]:
        """Return the rows of a statement, run beside the cache."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(query, params)
            return cursor.fetchall() if cursor.description else []

    def value(self, query: Any, *params: object) -> Any:
        """Return the one value of a query."""
        ((value,),) = self.sql(query, *params)
        return value

    @contextmanager
    def postgres_away(self) -> Iterator[None]:
        """Cut all connections and refuse new ones within the block."""
        name = self.value("SELECT current_database()")
        elsewhere = self.url.replace(f"/{name}", "/postgres")
        with psycopg.connect(elsewhere, autocommit=True) as outside:
            allow = sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}")
            database = sql.Identifier(name)
            outside.execute(allow.format(database, sql.SQL("false")))
            outside.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )
            try:
                yield
            finally:
                outside.execute(allow.format(database, sql.SQL("true")))


def until(condition: Callable[[], T]) -> T:
    """Return the first truth that a condition has."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, "the condition never came"
        time.sleep(0.01)
    return found
