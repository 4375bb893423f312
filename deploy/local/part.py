"""One part of the stack, as its keeper needs to know it."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from deploy.local.layout import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from deploy.local.account import Account


@dataclass(frozen=True)
class Part:
    """How to start a server, to know that it answers, and to end it."""

    name: str
    command: tuple[str, ...]
    answers: Callable[[float], bool]
    """Whether it does its work, given when it was started (seconds since the epoch); never raises,
    takes a second or two at most."""
    address: str = ""
    """Where it listens, for people."""
    ports: Mapping[str, int] = field(default_factory=dict)
    """Ports that it takes, by the variable that moves each."""
    needs: tuple[str, ...] = ()
    """Parts that must answer before it is started."""
    prepare: Callable[[], None] = lambda: None
    """What must be done before the first start."""
    environment: Mapping[str, str] = field(default_factory=dict)
    cwd: Path = REPOSITORY
    account: Account | None = None
    stop_signal: int = signal.SIGTERM
    grace: float = 30.0
    """Seconds between asking it to end and insisting."""
