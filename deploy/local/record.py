"""What runs, written down for the next command: `stack.json` in the root."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from deploy.local.processes import Identity

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """One part, as it was last seen."""

    state: str
    """`waiting`, `starting`, `ready`, `crashed` or `stopped`."""
    since: float
    """When that began, seconds since the epoch."""
    address: str
    stop_signal: int
    grace: float
    process: Identity | None = None
    crashes: int = 0
    """How often it ended by itself since it was last well."""

    @property
    def is_alive(self) -> bool:
        """Whether its process runs now."""
        return self.process is not None and self.process.is_alive()


@dataclass(frozen=True)
class Record:
    """A whole stack; parts in the order in which they are started."""

    supervisor: Identity | None = None
    environment: dict[str, str] = field(default_factory=dict)
    """What is told to a program that is to use the stack: addresses and ports."""
    parts: dict[str, Entry] = field(default_factory=dict)

    @property
    def is_supervised(self) -> bool:
        """Whether someone restarts what crashes."""
        return self.supervisor is not None and self.supervisor.is_alive()

    @property
    def is_up(self) -> bool:
        """Whether anything runs."""
        return self.is_supervised or any(entry.is_alive for entry in self.parts.values())


def read(path: Path) -> Record:
    """Return what is written there; an empty record when there is nothing, or nothing whole."""
    try:
        written = json.loads(path.read_text())
        return Record(
            supervisor=identity(written["supervisor"]),
            environment=written["environment"],
            parts={
                name: Entry(**{**entry, "process": identity(entry["process"])})
                for name, entry in written["parts"].items()
            },
        )
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return Record()


def write(path: Path, record: Record) -> None:
    """Write a record so that a reader sees the old one or the new one, and nobody else either."""
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(asdict(record), indent=1))
    fresh.replace(path)


def identity(written: dict[str, float] | None) -> Identity | None:
    """Return a process as it was written down."""
    return None if written is None else Identity(int(written["pid"]), written["started"])
