"""Who makes the call under way."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from services.gateway.access.keys import ADMIN, SCOPES


@dataclass(frozen=True)
class Caller:
    """Whose tasks the call may see, and what it may do."""

    name: str
    tenant: str
    scopes: frozenset[str]

    @property
    def is_admin(self) -> bool:
        """Whether the call may do what is the operator's."""
        return ADMIN in self.scopes


ANYBODY = Caller(name="", tenant="", scopes=frozenset(SCOPES))
"""Whoever calls where no keys are asked for: one tenant without a name, who may do everything."""

caller: ContextVar[Caller] = ContextVar("caller", default=ANYBODY)


def tenant() -> str:
    """Return whose tasks the call under way may see."""
    return caller.get().tenant
