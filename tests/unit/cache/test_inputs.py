"""Inputs in the row of their task."""

from __future__ import annotations

import hashlib
from io import BytesIO

import pytest

from services.cache import inputs
from services.cache.ports import CorruptBlob
from services.cache.records import Source


def source(data: bytes) -> Source:
    return Source(hashlib.sha256(data).digest(), len(data), BytesIO(data))


def columns(found: dict[int, Source]) -> tuple[list[int], list[bytes], list[bytes]]:
    row = inputs.row_of(found)
    return row["input_parts"], row["input_digests"], row["input_data"]


def test_what_is_put_into_a_row_comes_out_of_it() -> None:
    sent = {2: source(b"[[1, 2]]"), 3: source(b"")}

    kept = inputs.kept(*columns(sent))

    assert {part: one.file.read() for part, one in kept.items()} == {2: b"[[1, 2]]", 3: b""}
    assert {part: one.digest for part, one in kept.items()} == {
        part: one.digest for part, one in sent.items()
    }


def test_a_row_takes_inputs_up_to_its_limit_together() -> None:
    just = {1: source(bytes(inputs.MOST_BYTES - 1)), 2: source(b"!")}
    above = {1: source(bytes(inputs.MOST_BYTES)), 2: source(b"!")}

    assert inputs.row_of(just)["input_size"] == inputs.MOST_BYTES
    assert set(inputs.row_of(above).values()) == {None, 0}


def test_a_row_without_inputs_has_none() -> None:
    assert inputs.kept(None, None, None) == {}


def test_damaged_bytes_are_not_handed_out() -> None:
    parts, digests, _ = columns({2: source(b"[[1, 2]]")})

    with pytest.raises(CorruptBlob):
        inputs.kept(parts, digests, [b"[[1, 3]]"])
