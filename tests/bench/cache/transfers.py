"""Bytes into the cache and out of it, beside plain psycopg with the same rows in the same run.

`core` is what the service does with the bytes it has, in its own loop: digests checked, whole or
not at all. `gRPC` is the way of a client: streams, their checks, and the core.
"""

from __future__ import annotations

import os
import time
from contextlib import closing
from io import BytesIO
from typing import TYPE_CHECKING

import psycopg
from figures import Figure, at_least, p50
from fixtures.postgres import database
from integration.cache import calls
from integration.cache.calls import Photo
from integration.cache.house import House

from facesvg.v1 import cache_pb2 as pb
from services.cache.blobs import ROW_BYTES
from services.cache.records import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

MIB = 1024 * 1024
SIZES = {0.1: 150, 1: 40, 10: 12, 50: 3}
"""MiB, and how often."""
LEAST = 0.6


class Plain:
    """What anyone would write: rows of a table with a key, in a transaction, binary."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url)
        self._connection.execute(
            "CREATE TABLE plain (name bytea, seq integer, data bytea, PRIMARY KEY (name, seq))"
        )
        self._connection.execute("ALTER TABLE plain ALTER COLUMN data SET STORAGE EXTERNAL")
        self._connection.commit()

    def write(self, name: bytes, data: bytes) -> float:
        began = time.perf_counter()
        rows = [
            (name, seq, data[start : start + ROW_BYTES])
            for seq, start in enumerate(range(0, len(data), ROW_BYTES))
        ]
        with self._connection.transaction():
            insert = "INSERT INTO plain VALUES (%b, %s, %b)"
            self._connection.cursor().executemany(insert, rows)
        return time.perf_counter() - began

    def read(self, name: bytes) -> tuple[bytes, float]:
        began = time.perf_counter()
        select = "SELECT data FROM plain WHERE name = %b ORDER BY seq"
        with self._connection.transaction():
            rows = self._connection.cursor().stream(select, (name,), binary=True)
            found = b"".join(data for (data,) in rows)
        return found, time.perf_counter() - began

    def close(self) -> None:
        self._connection.close()


class Core:
    """The bytes of the service, without its door."""

    def __init__(self, house: House) -> None:
        self._house = house

    def write(self, name: bytes, data: bytes) -> float:
        return self._house.run(self._write(name, data))

    async def _write(self, name: bytes, data: bytes) -> float:
        began = time.perf_counter()
        async with self._house.cache.database.transaction() as view:
            await view.blobs.keep([Source(name, len(data), BytesIO(data))])
        return time.perf_counter() - began

    def read(self, name: bytes) -> tuple[bytes | None, float]:
        return self._house.run(self._read(name))

    async def _read(self, name: bytes) -> tuple[bytes | None, float]:
        """Return the bytes; None where a clean-up took them, since no task refers to them."""
        began = time.perf_counter()
        async with self._house.cache.database.reading() as view:
            source = await view.blobs.read(name)
            if source is None:
                return None, 0.0
            with source.file as file:
                found = file.read()
        return found, time.perf_counter() - began


class Door:
    """The bytes of a client: a task begun, its inputs opened."""

    def __init__(self, house: House) -> None:
        self._stub = house.stub
        self._tasks: dict[bytes, str] = {}

    def write(self, name: bytes, data: bytes) -> float:
        began = time.perf_counter()
        self._tasks[name] = calls.begun(self._stub, Photo(image=data))
        return time.perf_counter() - began

    def read(self, name: bytes) -> tuple[bytes, float]:
        began = time.perf_counter()
        request = pb.OpenTaskRequest(task_id=self._tasks[name], worker="bench")
        chunks = [
            chunk
            for message in self._stub.OpenTask(request)
            for chunk in (message.header.chunks or [message.chunk])
        ]
        found = b"".join(chunk.data for chunk in chunks if chunk.part == calls.IMAGE)
        return found, time.perf_counter() - began


def measure(server: str) -> Iterator[Figure]:
    """Yield rates and ratios."""
    with (
        database(server) as url,
        House(url, CACHE_MAX_SIZE_MB="100000") as house,
        closing(Plain(url)) as plain,
    ):
        ways: dict[str, Plain | Core | Door] = {
            "plain psycopg": plain,
            "core": Core(house),
            "gRPC": Door(house),
        }
        for size, times in SIZES.items():
            yield from rates(ways, size, times)


def rates(ways: dict[str, Plain | Core | Door], size: float, times: int) -> Iterator[Figure]:
    """Yield the figures of one size; the ways take turns."""
    writes: dict[str, list[float]] = {way: [] for way in ways}
    reads: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(times):
        for way, store in ways.items():
            data = os.urandom(round(size * MIB))
            name = calls.sha256(data)
            found = None
            while found is None:  # the clean-up that a cache begins with may come between
                written = store.write(name, data)
                found, read = store.read(name)
            writes[way].append(written)
            reads[way].append(read)
            assert found == data
    for verb, taken in (("write", writes), ("read", reads)):
        group = f"{verb} {size:g} MiB"
        base = size / p50(taken["plain psycopg"])
        for way in ways:
            rate = size / p50(taken[way])
            yield Figure(group, way, rate, "MiB/s")
            if way != "plain psycopg":
                share = Figure(group, f"{way} / plain psycopg", rate / base, "x")
                yield at_least(share, LEAST) if way == "core" else share
