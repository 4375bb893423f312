"""The bytes of one part of an upload, until it is whole."""

from __future__ import annotations

import hashlib
import io
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, BinaryIO, cast

from services.runtime.upload_errors import PartTooLarge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Digester = Callable[[Sequence[bytes]], bytes]

SPOOL_BYTES = 1024 * 1024
"""What a part may hold of memory; beyond it a part lives on disk."""

SPOOL_PIECES = 1024
"""Pieces that are held apart: a client may send byte by byte."""


def sha256(pieces: Iterable[bytes]) -> bytes:
    """Return the SHA-256 of some pieces in a row, 32 bytes.

    >>> sha256([b"a", b"bc"]) == sha256([b"abc"])
    True
    """
    return hashed(pieces).digest()


def hashed(pieces: Iterable[bytes]) -> hashlib._Hash:
    """Return a SHA-256 that has taken some pieces."""
    result = hashlib.sha256()
    for piece in pieces:
        result.update(piece)
    return result


class Spool:
    """The bytes of one part: in memory while they are few, hashed as they pass when they are not.

    `limit` is the most bytes it takes, `held` the most in memory; `digest_of` tells the SHA-256 of
    what is in memory. Whoever makes a spool closes it.
    """

    def __init__(
        self, name: str, limit: int, held: int = SPOOL_BYTES, digest_of: Digester = sha256
    ) -> None:
        self.name = name
        self.size = 0
        self._limit = limit
        self._held = held
        self._digest_of = digest_of
        self._digest = b""
        # The pieces themselves: a buffer that grows would copy each of them.
        self._pieces: list[bytes] = []
        self._file: BinaryIO | None = None
        self._hash: hashlib._Hash | None = None

    def write(self, data: bytes) -> None:
        """Append `data`; raise `PartTooLarge` beyond the limit."""
        self.size += len(data)
        if self.size > self._limit:
            raise PartTooLarge(
                f"{self.name} is larger than the {self._limit} bytes accepted",
                part=self.name,
                limit_bytes=self._limit,
            )
        if self._file is not None and self._hash is not None:
            self._hash.update(data)
            self._file.write(data)
            return
        self._digest = b""
        self._pieces.append(data)
        if self.size > self._held:
            self._hash = hashed(self._pieces)
            self._file = cast("BinaryIO", TemporaryFile())  # noqa: SIM115 - closed by close()
            self._file.writelines(self._pieces)
            self._pieces.clear()
        elif len(self._pieces) > SPOOL_PIECES:
            self._pieces = [b"".join(self._pieces)]

    @property
    def digest(self) -> bytes:
        """The SHA-256 of what was written, 32 bytes."""
        if self._hash is not None:
            return self._hash.digest()
        if not self._digest:
            self._digest = self._digest_of(self._pieces)
        return self._digest

    @property
    def file(self) -> BinaryIO:
        """What was written, to be read from the start."""
        if self._file is None:
            return io.BytesIO(b"".join(self._pieces))
        self._file.seek(0)
        return self._file

    def read(self) -> bytes:
        """Return all that was written."""
        return self.file.read()

    def close(self) -> None:
        """Give memory and disk back."""
        self._pieces.clear()
        if self._file is not None:
            self._file.close()
