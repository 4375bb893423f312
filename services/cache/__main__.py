"""Runs the cache: `python -m services.cache`."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import psycopg

from facesvg.v1 import cache_pb2, cache_pb2_grpc, operations_pb2
from services.cache import partitions, sessions
from services.cache.erasing import Eraser
from services.cache.errors import PostgresAway
from services.cache.faults import FAULTS
from services.cache.hits import HitCounter
from services.cache.leases import Leases
from services.cache.listening import Changes
from services.cache.looks import Looks
from services.cache.migrate import SchemaError, migrate
from services.cache.outbox import Outbox
from services.cache.postgres import open_database, open_replica
from services.cache.results import Results
from services.cache.servicer import CacheServicer
from services.cache.settings import Settings
from services.cache.sweeper import Sweeper
from services.cache.watching import Watches
from services.runtime.server import begin, serve
from services.runtime.settings import Env, ServerSettings, SettingError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    import grpc

    from services.cache.postgres import Database

logger = logging.getLogger(__name__)

PORT = 50053
METRICS_PORT = 9103
NAME = cache_pb2.DESCRIPTOR.services_by_name["CacheService"].full_name
RETRY_SECONDS = 0.5
LAST_SECONDS = 2.0
"""What upkeep that is under way has left when the service ends."""


@dataclass(frozen=True)
class Cache:
    """The parts of a running cache."""

    servicer: CacheServicer
    database: Database
    hits: HitCounter
    leases: Leases
    eraser: Eraser


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Cache]:
    """Put the cache together on a migrated database, and run its upkeep within the block."""
    policy = settings.policy
    database = open_database(settings)
    replica = open_replica(settings)
    hits = HitCounter(database)
    results = Results(database, hits, policy, lists=replica)
    leases = Leases(database, policy)
    eraser = Eraser(database, policy)
    changes = Changes(settings.dsn)
    sweeper = Sweeper(database, hits, leases, eraser, settings.metrics_retention)
    servicer = CacheServicer(
        results=results,
        leases=leases,
        watches=Watches(Looks(database), changes),
        outbox=Outbox(database),
        eraser=eraser,
        database=replica or database,
        policy=policy,
        max_part_bytes=settings.max_part_bytes,
    )
    await partitions.maintain(database, settings.metrics_retention)
    await sessions.warn_of_no_limit(database)
    listening = asyncio.create_task(changes.run())
    upkeep = asyncio.create_task(sweeper.run(settings.cleanup_interval))
    try:
        yield Cache(servicer, database, hits, leases, eraser)
    finally:
        sweeper.end()
        listening.cancel()
        await asyncio.wait([upkeep], timeout=LAST_SECONDS)
        upkeep.cancel()
        await asyncio.gather(upkeep, listening, return_exceptions=True)
        with suppress(PostgresAway):
            await hits.flush()
        await database.close()
        if replica is not None:
            await replica.close()


async def main(settings: Settings, server_settings: ServerSettings) -> None:
    """Serve until told to stop."""
    async with running(settings) as cache:

        def register(server: grpc.aio.Server) -> Sequence[str]:
            cache_pb2_grpc.add_CacheServiceServicer_to_server(cache.servicer, server)
            return [NAME]

        await serve(
            "cache",
            server_settings,
            register,
            faults=FAULTS,
            dependencies={"postgres": partial(postgres_state, cache.database)},
        )


async def postgres_state(database: Database) -> operations_pb2.Dependency:
    """Return whether Postgres answers, and its version."""
    try:
        version = await database.version()
    except PostgresAway:
        return operations_pb2.Dependency(name="postgres", healthy=False, detail="does not answer")
    return operations_pb2.Dependency(name="postgres", healthy=True, detail=version)


def prepare(settings: Settings) -> None:
    """Bring the schema up to date, once Postgres answers."""
    deadline = time.monotonic() + settings.start_timeout.total_seconds()
    while True:
        try:
            migrate(settings.dsn)
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise SystemExit(f"cache: postgres does not answer: {error}".strip()) from None
            logger.info("waiting for postgres")
            time.sleep(RETRY_SECONDS)
        except SchemaError as error:
            raise SystemExit(f"cache: {error}") from None
        else:
            return


if __name__ == "__main__":
    try:
        env = Env(os.environ)
        server = ServerSettings.from_env(env, "cache", PORT, METRICS_PORT)
        chosen = Settings.from_env(env)
    except SettingError as error:
        sys.exit(f"cache: {error}")
    begin("cache", server)
    prepare(chosen)
    asyncio.run(main(chosen, server))
