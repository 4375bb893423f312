"""How much a key may do: calls a second, submissions a day.

Counted in this process alone and forgotten with it. Several gateways each allow as much.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from services.gateway.access.keys import Key


class LimitReached(Exception):
    """A key has done as much as it may; `retry_after` has the seconds to wait."""

    def __init__(self, message: str, retry_after: float, **facts: object) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.facts = {name: str(value) for name, value in facts.items()}


class TooFast(LimitReached):
    """More calls a second than the key may make."""


class QuotaUsedUp(LimitReached):
    """More submissions in a day than the key may make."""


@dataclass
class Account:
    """What one key has left."""

    tokens: float
    filled: datetime
    day: datetime
    submissions: int = 0


class Allowances:
    """Keeps the accounts of the keys; `now` is in UTC."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._accounts: dict[str, Account] = {}

    def spend(self, key: Key, *, is_submission: bool) -> None:
        """Take one call off a key's account; raises `LimitReached`, and takes nothing then."""
        if key.rate is None and key.quota is None:
            return
        now = self._now()
        account = self._account(key, now)
        if key.rate is not None and account.tokens < 1:
            raise TooFast(
                f"key {key.name} may make {key.rate:g} calls a second; wait",
                (1 - account.tokens) / key.rate,
                key=key.name,
                rate=f"{key.rate:g}",
            )
        if is_submission and key.quota is not None:
            if account.submissions >= key.quota:
                wait = account.day + timedelta(days=1) - now
                raise QuotaUsedUp(
                    f"key {key.name} may submit {key.quota} photos a day; go on tomorrow, in UTC",
                    wait.total_seconds(),
                    key=key.name,
                    quota=key.quota,
                )
            account.submissions += 1
        account.tokens -= 1

    def _account(self, key: Key, now: datetime) -> Account:
        """Return a key's account as it is now: a second's worth of calls at most, a new day."""
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        most = max(key.rate or 1.0, 1.0)
        account = self._accounts.setdefault(key.name, Account(most, now, day))
        seconds = max((now - account.filled).total_seconds(), 0)
        account.tokens = min(account.tokens + seconds * (key.rate or 1e9), most)
        account.filled = now
        if account.day != day:
            account.day, account.submissions = day, 0
        return account
