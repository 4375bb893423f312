"""What each session with Postgres is told: how long a statement may take, directly or pooled.

Through a pooler in transaction mode a session is another's after every transaction. So nothing may
be left in it (statements prepared by name, settings), and what a connection asks for at its start
is refused or lost. There the limits come with each transaction, and for single statements from the
role: `python -m services.cache.roles` sets them.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from services.cache.telling import TellingCursor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta
    from typing import LiteralString

    from services.cache.postgres import Database
    from services.cache.settings import Settings

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT = 3
"""Seconds to wait for a connection, and for a free one of the pool."""

# The parameters are named as the settings are; the last argument ends them with the transaction.
SET_LOCAL: LiteralString = """
SELECT set_config('statement_timeout', %(statement_timeout)s, true),
    set_config('lock_timeout', %(lock_timeout)s, true),
    set_config('idle_in_transaction_session_timeout',
        %(idle_in_transaction_session_timeout)s, true)
"""


def limits(statement_timeout: timedelta) -> Mapping[str, str]:
    """Return Postgres's settings that keep a session from lasting, in milliseconds.

    >>> from datetime import timedelta
    >>> limits(timedelta(seconds=15))["idle_in_transaction_session_timeout"]
    '60000'
    """
    milliseconds = round(statement_timeout.total_seconds() * 1000)
    return {
        "statement_timeout": str(milliseconds),
        "lock_timeout": str(milliseconds),
        "idle_in_transaction_session_timeout": str(4 * milliseconds),
    }


def arguments(settings: Settings) -> dict[str, Any]:
    """Return how psycopg is to connect."""
    common: dict[str, Any] = {
        "application_name": "facesvg-cache",
        "connect_timeout": CONNECT_TIMEOUT,
    }
    if settings.debug_sql:
        common["cursor_factory"] = TellingCursor
    if settings.is_pooled:
        return common | {"prepare_threshold": None}
    chosen = limits(settings.statement_timeout)
    return common | {"options": " ".join(f"-c {name}={value}" for name, value in chosen.items())}


async def warn_of_no_limit(database: Database) -> None:
    """Log a warning when nothing ends a single statement that lasts, as behind a pooler."""
    async with database.reading() as view:
        row = await (await view.raw.execute("SHOW statement_timeout")).fetchone()
    if row == ("0",):
        logger.warning("statements have no time limit: run services.cache.roles, or set the role's")
