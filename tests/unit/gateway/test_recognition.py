"""Parts that came before are not hashed again."""

from __future__ import annotations

import hashlib
import random
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from services.gateway import recognition
from services.gateway.recognition import FEW_BYTES, Recognition

if TYPE_CHECKING:
    from collections.abc import Sequence

PHOTO = random.Random(1).randbytes(3 * FEW_BYTES)  # noqa: S311


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of all that is hashed."""
    lengths = []

    def sha256(pieces: Sequence[bytes]) -> bytes:
        lengths.append(sum(map(len, pieces)))
        return hashlib.sha256(b"".join(pieces)).digest()

    monkeypatch.setattr(recognition, "sha256", sha256)
    return lengths


def test_a_photo_that_came_before_is_hashed_once(hashed: list[int]) -> None:
    seen = Recognition()

    digests = {seen.digest_of([PHOTO]) for _ in range(3)}

    assert digests == {hashlib.sha256(PHOTO).digest()}
    assert hashed == [len(PHOTO)]


def test_the_pieces_that_it_came_in_make_no_difference(hashed: list[int]) -> None:
    seen = Recognition()
    cuts = (0, 1, 5000, 5000, len(PHOTO) - 7, len(PHOTO))
    pieces = [PHOTO[a:b] for a, b in pairwise(cuts)]

    assert seen.digest_of([PHOTO]) == seen.digest_of(pieces)
    assert hashed == [len(PHOTO)]


@pytest.mark.parametrize("bit", [0, 8 * len(PHOTO) // 2, 8 * len(PHOTO) - 1])
def test_a_photo_with_one_other_bit_is_another(bit: int) -> None:
    seen = Recognition()
    other = bytearray(PHOTO)
    other[bit // 8] ^= 1 << bit % 8

    assert seen.digest_of([PHOTO]) != seen.digest_of([bytes(other)])
    assert seen.digest_of([bytes(other)]) == hashlib.sha256(other).digest()


def test_a_photo_that_is_the_beginning_of_another_is_another() -> None:
    seen = Recognition()

    digests = [seen.digest_of([PHOTO[:length]]) for length in (len(PHOTO), len(PHOTO) - 1)]

    assert digests == [hashlib.sha256(PHOTO).digest(), hashlib.sha256(PHOTO[:-1]).digest()]


def test_what_is_small_is_hashed_at_once(hashed: list[int]) -> None:
    seen = Recognition()

    assert seen.digest_of([b"[1", b", 2]"]) == hashlib.sha256(b"[1, 2]").digest()
    assert seen.digest_of([b"[1, 2]"]) == hashlib.sha256(b"[1, 2]").digest()
    assert hashed == [6, 6]


def test_nobody_is_answered_quicker_for_what_another_tenant_sent(
    hashed: list[int], request: pytest.FixtureRequest
) -> None:
    seen = Recognition()
    seen.digest_of([PHOTO])

    request.getfixturevalue("as_somebody_else")
    seen.digest_of([PHOTO])

    assert hashed == [len(PHOTO), len(PHOTO)]


def test_photos_not_seen_for_the_longest_are_forgotten(hashed: list[int]) -> None:
    seen = Recognition(size=1)

    for photo in (PHOTO, PHOTO[1:], PHOTO):
        seen.digest_of([photo])

    assert hashed == [len(PHOTO), len(PHOTO) - 1, len(PHOTO)]


def test_no_two_processes_have_a_code_in_common() -> None:
    assert Recognition()._code([PHOTO]) != Recognition()._code([PHOTO])
