"""Where a stack keeps its files: everything below one root, `.local` unless told otherwise."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

SOCKET_PATH_BYTES = 100
"""The kernels' limits are 107 (Linux) and 103 (macOS), and Postgres appends `.lock`."""


@dataclass(frozen=True)
class Layout:
    """The paths of one stack."""

    root: Path

    @property
    def record(self) -> Path:
        """What runs, for the next command: see `record.py`."""
        return self.root / "stack.json"

    @property
    def lock(self) -> Path:
        """Held by the supervisor as long as it lives."""
        return self.root / "supervisor.lock"

    @property
    def envoy(self) -> Path:
        """The rendered configuration of the door."""
        return self.root / "envoy.yaml"

    @property
    def redis(self) -> Path:
        """The directory of Redis."""
        return self.root / "redis"

    @property
    def postgres(self) -> Path:
        """The directory of Postgres, if its account can reach it: see `postgres.py`."""
        return self.root / "postgres"

    @property
    def digest(self) -> str:
        """A short name for this root, for what must lie elsewhere."""
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:12]

    def short(self, directory: Path) -> Path:
        """Return a short path for the sockets of a directory."""
        name = f"facesvg-{os.getuid()}-{self.digest}-{directory.name}"
        return Path(tempfile.gettempdir()) / name

    def log(self, name: str) -> Path:
        """Return the log of a part."""
        return self.root / "log" / f"{name}.log"

    def create(self) -> None:
        """Make the directories that every stack has; only their owner may look inside."""
        self.root.mkdir(parents=True, exist_ok=True)
        (self.root / "log").mkdir(exist_ok=True)
        self.redis.mkdir(mode=0o700, exist_ok=True)

    def socket(self, directory: Path, name: str) -> Path:
        """Return where a socket called `name` goes: `directory`, or `short` if it cannot.

        The short directory is made here and belongs to us alone.
        """
        path = directory / name
        # In a comma libpq sees two hosts.
        if len(os.fsencode(path)) <= SOCKET_PATH_BYTES and "," not in str(path):
            return path
        short = self.short(directory)
        short.mkdir(mode=0o700, exist_ok=True)
        if short.lstat().st_uid not in (os.getuid(), directory.stat().st_uid):
            raise PermissionError(f"{short} belongs to someone else; remove it")
        return short / name
