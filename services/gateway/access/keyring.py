"""The keys that are valid now: a file's, read again when it changes, or a setting's."""

from __future__ import annotations

import hmac
import logging
from typing import TYPE_CHECKING

from services.gateway.access.keys import Key, KeyLineError, digest_of, parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

logger = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks at the file; a call never waits longer for a new key."""


class KeyFileError(ValueError):
    """The keys' file cannot be read."""


class Keyring:
    """Finds the key that a caller shows."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self.keys = keys

    def find(self, secret: str) -> Key | None:
        """Return the key that this is, in a time that tells nothing of how near it came."""
        digest = digest_of(secret)
        found = None
        for key in self.keys:
            if hmac.compare_digest(key.digest, digest):
                found = key
        return found


class FileKeyring(Keyring):
    """The keys of a file. Raises `KeyFileError` when it cannot be read at the start.

    Later on a file that cannot be read leaves the keys as they were, and says so in the log: a slip
    of the pen must not lock everybody out.
    """

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._path = path
        self._clock = clock
        self._looked = clock()
        self._stamp = stamp(path)
        super().__init__(read(path))

    def find(self, secret: str) -> Key | None:
        """Look at the file where it is time, then find."""
        self._look()
        return super().find(secret)

    def _look(self) -> None:
        now = self._clock()
        if now - self._looked < LOOK_EVERY:
            return
        self._looked = now
        found = stamp(self._path)
        if found == self._stamp:
            return
        self._stamp = found
        try:
            self.keys = read(self._path)
        except KeyFileError as error:
            logger.error(  # noqa: TRY400 - the message says it all
                "keys not read again", extra={"facts": {"error": str(error)}}
            )
        else:
            logger.info("keys read again", extra={"facts": {"keys": len(self.keys)}})


def read(path: Path) -> tuple[Key, ...]:
    """Return the keys of a file."""
    try:
        return parsed(path.read_text())
    except (OSError, UnicodeDecodeError):
        raise KeyFileError(f"{path} cannot be read") from None
    except KeyLineError as error:
        raise KeyFileError(f"{path}: {error}") from None


def stamp(path: Path) -> tuple[int, int, int]:
    """Return what changes with a file: editors replace it, and some keep its size."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)
