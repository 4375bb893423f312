"""Bytes in Postgres: stored once for each digest, in rows of 256 KiB, over the raw connection.

Whoever stores bytes, and whoever erases some that nobody refers to any more, first locks their row
in `blobs`, in the order of the digests: so no reference is made to bytes about to go, and nobody
waits in a circle.
"""

from __future__ import annotations

import hashlib
import sys
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO

from services.cache.inputs import kept
from services.cache.ports import CorruptBlob
from services.cache.records import Result, Source
from services.runtime.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import LiteralString
    from uuid import UUID

    import psycopg

ROW_BYTES = 256 * 1024
"""Measured: the fastest of 64 KiB to 1 MiB to write and to read."""

HEAD_ROWS = 4
"""What is read at once, before the rest is streamed."""

HELD_BYTES = 4 * 1024 * 1024
"""What a read holds of memory, a phone's photo: few read at a time, and a file costs more."""

# The update takes the row's lock, also where another transaction is about to erase it.
KEEP = """
INSERT INTO blobs (digest, size) VALUES (%b, %s)
ON CONFLICT (digest) DO UPDATE SET wanted_at = now()
RETURNING xmax = 0
"""

# The same with all of few bytes, in one statement: ways to Postgres and back take longest.
KEEP_FEW = """
WITH kept AS (
    INSERT INTO blobs (digest, size) VALUES (%(digest)b, %(size)s)
    ON CONFLICT (digest) DO UPDATE SET wanted_at = now()
    RETURNING digest, xmax = 0 AS is_new
)
INSERT INTO blob_chunks SELECT digest, 0, %(data)b FROM kept WHERE is_new
"""

ERASE_UNWANTED = """
DELETE FROM blobs
WHERE digest = ANY(%b)
    AND NOT EXISTS (SELECT FROM task_inputs WHERE task_inputs.digest = blobs.digest)
    AND NOT EXISTS (SELECT FROM task_results WHERE svg_blob = blobs.digest)
"""

UNWANTED = """
SELECT digest FROM blobs
WHERE NOT EXISTS (SELECT FROM task_inputs WHERE task_inputs.digest = blobs.digest)
    AND NOT EXISTS (SELECT FROM task_results WHERE svg_blob = blobs.digest)
LIMIT %s
"""

# Streamed statements are never prepared; this one is, and brings all of most blobs.
READ_HEAD = """
SELECT size, data FROM blobs LEFT JOIN blob_chunks USING (digest)
WHERE digest = %b ORDER BY seq LIMIT %s
"""

READ_REST = "SELECT data FROM blob_chunks WHERE digest = %b AND seq >= %s ORDER BY seq"

INPUTS = "SELECT input_parts, input_digests, input_data FROM task_results WHERE task_id = %s"

FORGET_INPUTS = """
UPDATE task_results
SET input_parts = NULL, input_digests = NULL, input_data = NULL, input_size = 0
WHERE task_id = ANY(%s) AND input_parts IS NOT NULL
"""

SVG = """
SELECT svg_data, svg_blob, svg_sha256, svg_size, drawing FROM task_results
WHERE task_id = %s AND tenant = %s AND status = 'SUCCESS'
"""


class BlobRows:
    """The bytes of tasks, within one transaction."""

    def __init__(self, raw: psycopg.AsyncConnection) -> None:
        self._raw = raw

    async def keep(self, sources: Iterable[Source]) -> None:
        """Store bytes that are not stored yet."""
        distinct = {source.digest: source for source in sources}
        for digest, source in sorted(distinct.items()):
            if 0 < source.size <= ROW_BYTES:
                await self._keep_few(source)
                continue
            kept = await self._row(KEEP, (digest, source.size))
            if kept != (True,):
                continue
            rows = ((digest, seq, data) for seq, data in enumerate(pieces(source.file)))
            cursor = self._raw.cursor()
            await cursor.executemany("INSERT INTO blob_chunks VALUES (%b, %s, %b)", rows)

    async def _keep_few(self, source: Source) -> None:
        source.file.seek(0)
        row = {"digest": source.digest, "size": source.size, "data": source.file.read()}
        await self._raw.cursor().execute(KEEP_FEW, row)

    async def keep_inputs(self, task_id: UUID, inputs: Mapping[int, Source]) -> None:
        """Store the inputs of a task beside its row, each distinct one once."""
        await self.keep(inputs.values())
        rows = [(task_id, part, source.digest) for part, source in inputs.items()]
        await self._raw.cursor().executemany("INSERT INTO task_inputs VALUES (%s, %s, %b)", rows)

    async def read_inputs(self, task_id: UUID) -> Mapping[int, Source]:
        """Return the inputs of a task by part; raise `CorruptBlob` when a digest is wrong."""
        if (row := await self._row(INPUTS, (task_id,))) and (few := kept(*row)):
            return few
        query = "SELECT part, digest FROM task_inputs WHERE task_id = %s ORDER BY part"
        cursor = self._raw.cursor(binary=True)
        rows = await (await cursor.execute(query, (task_id,))).fetchall()
        inputs: dict[int, Source] = {}
        try:
            for part, digest in rows:
                source = await self.read(digest)
                if source is None:
                    raise CorruptBlob(digest)
                inputs[part] = source
        except BaseException:
            for source in inputs.values():
                source.file.close()
            raise
        return inputs

    async def erase_inputs(self, task_ids: Sequence[UUID]) -> None:
        """Erase the inputs of tasks, save what other tasks have too."""
        cursor = self._raw.cursor(binary=True)
        await cursor.execute(FORGET_INPUTS, (list(task_ids),))
        query = "DELETE FROM task_inputs WHERE task_id = ANY(%s) RETURNING digest"
        rows = await (await cursor.execute(query, (list(task_ids),))).fetchall()
        await self.erase_unwanted([digest for (digest,) in rows])

    async def referred(self, task_ids: Sequence[UUID]) -> Sequence[bytes]:
        """Return the digests that tasks refer to."""
        query = """
            SELECT digest FROM task_inputs WHERE task_id = ANY(%(ids)s)
            UNION SELECT svg_blob FROM task_results
            WHERE task_id = ANY(%(ids)s) AND svg_blob IS NOT NULL
        """
        cursor = self._raw.cursor(binary=True)
        rows = await (await cursor.execute(query, {"ids": list(task_ids)})).fetchall()
        return [digest for (digest,) in rows]

    async def erase_unwanted(self, digests: Sequence[bytes]) -> int:
        """Erase those of `digests` that nothing refers to; return how many."""
        if not digests:
            return 0
        lock = "SELECT FROM blobs WHERE digest = ANY(%b) ORDER BY digest FOR UPDATE"
        await self._raw.execute(lock, (list(digests),))
        return (await self._raw.execute(ERASE_UNWANTED, (list(digests),))).rowcount

    async def unwanted(self, limit: int) -> Sequence[bytes]:
        """Return some digests that nothing refers to."""
        cursor = self._raw.cursor(binary=True)
        rows = await (await cursor.execute(UNWANTED, (limit,))).fetchall()
        return [digest for (digest,) in rows]

    async def referring(self, digest: bytes) -> Sequence[UUID]:
        """Return the tasks that have these bytes as an input or as their SVG."""
        query = """
            SELECT task_id FROM task_inputs WHERE digest = %(digest)b
            UNION SELECT task_id FROM task_results WHERE svg_blob = %(digest)b
        """
        rows = await (await self._raw.execute(query, {"digest": digest})).fetchall()
        return [task_id for (task_id,) in rows]

    async def read_svg(self, task_id: UUID, tenant: str) -> Source | None:
        """Return the SVG of a tenant's finished task; raise `CorruptBlob` when it is damaged."""
        row = await self._row(SVG, (task_id, tenant))
        if row is None:
            return None
        data, blob, digest, _, _ = row
        if blob is not None:
            return await self.read(blob)
        if hashlib.sha256(data).digest() != digest:
            raise CorruptBlob(digest)
        return Source(digest, len(data), BytesIO(data))

    async def read_result(self, task_id: UUID, tenant: str, max_svg_bytes: int) -> Result | None:
        """Return the drawing of a tenant's finished task, with an SVG of at most so many bytes.

        Raises `CorruptBlob` when the SVG is damaged.
        """
        row = await self._row(SVG, (task_id, tenant))
        if row is None:
            return None
        svg, blob, digest, size, drawing = row
        if blob is None and hashlib.sha256(svg).digest() != digest:
            raise CorruptBlob(digest)
        if blob is not None and size <= max_svg_bytes:
            source = await self.read(blob)
            if source is None:  # erased since the row was read
                return None
            svg = taken(source)
        return Result(drawing, svg)

    async def read(self, digest: bytes) -> Source | None:
        """Return stored bytes, None when they were erased; raise `CorruptBlob` when damaged."""
        cursor = self._raw.cursor(binary=True)
        head = await (await cursor.execute(READ_HEAD, (digest, HEAD_ROWS))).fetchall()
        if not head:
            return None
        size = head[0][0]
        spool = Spool("blob", limit=sys.maxsize, held=HELD_BYTES)
        try:
            for _, data in head:
                spool.write(data or b"")
            if size > HEAD_ROWS * ROW_BYTES:
                rest = self._raw.cursor().stream(READ_REST, (digest, HEAD_ROWS), binary=True)
                async for (data,) in rest:
                    spool.write(data)
            if (spool.digest, spool.size) == (digest, size):
                return Source(digest, size, spool.file)
            if await self._row(READ_HEAD, (digest, 1)):
                raise CorruptBlob(digest)
        except BaseException:
            spool.close()
            raise
        spool.close()  # erased after its head was read
        return None

    async def _row(
        self, query: LiteralString, params: tuple[object, ...] | Mapping[str, object]
    ) -> tuple[Any, ...] | None:
        """Return the one row of a query, in binary."""
        cursor = self._raw.cursor(binary=True)
        return await (await cursor.execute(query, params)).fetchone()


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of a file row by row; an empty file has no row."""
    file.seek(0)
    return iter(lambda: file.read(ROW_BYTES), b"")


def taken(source: Source) -> bytes:
    """Return all bytes of a source and close it."""
    with source.file as file:
        return file.read()
