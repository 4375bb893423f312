"""The likenesses of photos in Postgres, found by the quarters of their hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.cache.likeness import HASH_BITS, QUARTERS, Likeness, Near, agree, probes

if TYPE_CHECKING:
    from uuid import UUID

    import psycopg

CANDIDATES = 100
"""Photos whose landmarks are compared: one that looks the same and is not among these is drawn."""

KEEP = """
INSERT INTO likenesses (task_id, scope, perceptual_hash, image_width, image_height, landmarks)
VALUES (%s, %b, %s, %s, %s, %b)
"""

# An index has all of its own quarter's columns: the table is read for what is near alone.
QUARTER = """
    SELECT task_id, bit_count((perceptual_hash # %(hash)s::bigint)::bit(64)) AS distance
    FROM likenesses
    WHERE scope = %(scope)b AND {quarter} = ANY(%({quarter})s::integer[])
        AND bit_count((perceptual_hash # %(hash)s::bigint)::bit(64)) <= %(most)s
"""

# The nearest first, of those the oldest: equal requests get one answer. How many are near cannot be
# foreseen; a task is looked up for each of them, where a plain join may read all tasks.
NEAREST = f"""
WITH near AS MATERIALIZED (
    {"UNION".join(QUARTER.format(quarter=f"quarter_{place}") for place in range(1, QUARTERS + 1))}
)
SELECT near.task_id, distance, landmarks, image_width, image_height
FROM near
CROSS JOIN LATERAL (
    SELECT submitted_at FROM task_results
    WHERE task_results.task_id = near.task_id AND status = 'SUCCESS' AND ttl_expires_at > now()
    LIMIT 1
) AS task
CROSS JOIN LATERAL (
    SELECT landmarks, image_width, image_height FROM likenesses
    WHERE likenesses.task_id = near.task_id
    LIMIT 1
) AS photo
ORDER BY distance, submitted_at, near.task_id
LIMIT %(candidates)s
"""  # noqa: S608 - all of it stands here


class LikenessRows:
    """What photos look like, within one transaction. A likeness goes with its task."""

    def __init__(self, raw: psycopg.AsyncConnection) -> None:
        self._raw = raw

    async def keep(self, task_id: UUID, likeness: Likeness) -> None:
        """Store what the photo of a task looks like."""
        row = (likeness.scope, signed(likeness.perceptual_hash), likeness.width, likeness.height)
        await self._raw.execute(KEEP, (task_id, *row, likeness.landmarks))

    async def nearest(self, likeness: Likeness, most: int) -> Near | None:
        """Return the finished task whose photo looks the same and whose hash is the nearest.

        None when there is none with at most `most` bits that differ.
        """
        cursor = self._raw.cursor(binary=True)
        await cursor.execute(NEAREST, asked(likeness, most))
        for task_id, distance, landmarks, width, height in await cursor.fetchall():
            other = Likeness(likeness.scope, likeness.perceptual_hash, landmarks, width, height)
            if agree(likeness, other):
                return Near(task_id, distance)
        return None


def asked(likeness: Likeness, most: int) -> dict[str, Any]:
    """Return the parameters of `NEAREST`."""
    quarters = probes(likeness.perceptual_hash, most)
    return {
        "scope": likeness.scope,
        "hash": signed(likeness.perceptual_hash),
        "most": most,
        "candidates": CANDIDATES,
        **{f"quarter_{place}": values for place, values in enumerate(quarters, 1)},
    }


def signed(perceptual_hash: int) -> int:
    """Return 64 bits as Postgres's bigint has them."""
    half = 1 << (HASH_BITS - 1)
    return (perceptual_hash ^ half) - half
