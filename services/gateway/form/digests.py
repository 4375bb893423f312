"""Digests that are known already, and what tells them."""

from __future__ import annotations

REMEMBERED = 4096
"""Digests that are kept; some 250 bytes each."""


class Digests:
    """Remembers the digests last asked for, by what is quicker to have."""

    def __init__(self, size: int = REMEMBERED) -> None:
        self._known: dict[bytes, bytes] = {}
        self._size = size

    def get(self, name: bytes) -> bytes | None:
        """Return the digest of a name, if it is remembered, and remember it longer."""
        found = self._known.pop(name, None)
        if found is not None:
            self._known[name] = found
        return found

    def put(self, name: bytes, digest: bytes) -> None:
        """Remember a digest; the one that was not asked for the longest is forgotten."""
        if len(self._known) >= self._size:
            del self._known[next(iter(self._known))]
        self._known[name] = digest
