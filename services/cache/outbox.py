"""The messages to callback URLs as those who send them see it: taken, and reported on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta
    from uuid import UUID

    from services.cache.ports import Store
    from services.cache.records import Attempt, DueDelivery


class Outbox:
    """The senders' side of the cache."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def take(self, limit: int, lease: timedelta) -> Sequence[DueDelivery]:
        """Return messages to be sent now, each to one caller for the length of its lease."""
        async with self._store.transaction() as transaction:
            return await transaction.deliveries.take(limit, lease)

    async def report(self, delivery_id: UUID, attempt: Attempt) -> None:
        """Note what became of an attempt; changes nothing when there was another since."""
        async with self._store.transaction() as transaction:
            await transaction.deliveries.report(delivery_id, attempt)
