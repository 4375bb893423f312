"""A cursor that tells what it asks Postgres: for `DEBUG_SQL`, and for tests that count."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Self

import psycopg

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

logger = logging.getLogger(__name__)


class TellingCursor(psycopg.AsyncCursor[Any]):
    """Logs every statement before it is sent, without its values: those are people's photos."""

    async def execute(self, query: Any, *args: Any, **kwargs: Any) -> Self:
        """Tell, then ask."""
        tell(query)
        return await super().execute(query, *args, **kwargs)

    async def executemany(self, query: Any, *args: Any, **kwargs: Any) -> None:
        """Tell once, then ask for each row."""
        tell(query)
        await super().executemany(query, *args, **kwargs)

    async def stream(self, query: Any, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        """Tell, then read row by row."""
        tell(query)
        async for row in super().stream(query, *args, **kwargs):
            yield row


def tell(query: Any) -> None:
    """Log a statement on one line."""
    logger.info("statement", extra={"facts": {"sql": " ".join(str(query).split())}})
