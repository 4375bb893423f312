"""The bytes of a part, until it is whole."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from services.runtime.spool import SPOOL_BYTES, Spool

if TYPE_CHECKING:
    from collections.abc import Sequence


def test_a_small_part_stays_in_memory_and_a_large_one_does_not() -> None:
    spool = Spool("image", SPOOL_BYTES * 2)
    spool.write(bytes(SPOOL_BYTES))
    held_in_memory = spool._file is None

    spool.write(b"1")

    assert (held_in_memory, spool._file is None) == (True, False)
    assert spool.read() == bytes(SPOOL_BYTES) + b"1"
    spool.close()


def test_a_part_that_comes_byte_by_byte_is_whole() -> None:
    spool = Spool("image", 10_000)

    for _ in range(3000):
        spool.write(b"ab")

    assert spool.read() == b"ab" * 3000
    assert spool.digest == hashlib.sha256(b"ab" * 3000).digest()
    spool.close()


def test_a_digest_is_that_of_all_that_was_written_so_far() -> None:
    spool = Spool("image", 10, held=3)
    found = []

    for piece in (b"ab", b"c", b"de"):
        spool.write(piece)
        found.append(spool.digest)

    assert found == [hashlib.sha256(data).digest() for data in (b"ab", b"abc", b"abcde")]
    spool.close()


def test_a_part_in_memory_is_told_its_digest_once() -> None:
    asked = []

    def digest_of(pieces: Sequence[bytes]) -> bytes:
        asked.append(b"".join(pieces))
        return b"its digest"

    spool = Spool("image", 10, digest_of=digest_of)
    spool.write(b"ab")
    spool.write(b"c")

    assert [spool.digest, spool.digest] == [b"its digest"] * 2
    assert asked == [b"abc"]
    spool.close()
