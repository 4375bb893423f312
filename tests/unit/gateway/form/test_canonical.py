"""The one form of parts that are JSON."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.form.canonical import MAX_JSON_BYTES, canonical, compact
from services.gateway.form.digests import Digests
from services.runtime.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from services.gateway.submissions import Part

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@pytest.fixture
def part() -> Iterator[Callable[..., Part]]:
    digests = Digests()
    spools = []

    def make(data: bytes, known: Digests = digests) -> Part:
        spool = Spool("landmarks", 2 * MAX_JSON_BYTES)
        spool.write(data)
        spools.append(spool)
        return canonical(spool, known)

    yield make
    for spool in spools:
        spool.close()


@given(value=values, indent=st.sampled_from([None, 0, 3]), is_ascii=st.booleans())
def test_formatting_makes_no_difference(value: Any, indent: int | None, is_ascii: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=is_ascii)

    assert compact(text.encode(errors="surrogatepass")) == compact(json.dumps(value).encode())


@given(value=values)
def test_the_one_form_means_the_same_and_is_its_own_form(value: Any) -> None:
    text = compact(json.dumps(value).encode())

    assert json.loads(text) == value
    assert compact(text) == text


@pytest.mark.parametrize(
    "raw",
    [
        b"[1, NaN]",
        b"[1, Infinity]",
        b"[1, 1e999]",
        b'{"a": 1, "a": 1}',
        b'[{"a": 1, "a": 2}]',
        b"[1, 2",
        b"[1, 2] tail",
        b"[" * 100_000,
        b"[" + b"9" * 5000 + b"]",
        b'["\xff"]',
        b"",
    ],
)
def test_what_has_no_one_meaning_stays_as_it_is(raw: bytes) -> None:
    assert compact(raw) == raw


def test_text_that_would_grow_too_large_stays_as_it_is() -> None:
    raw = json.dumps(["é" * (MAX_JSON_BYTES // 4)], ensure_ascii=False).encode()

    assert compact(raw) == raw


@pytest.mark.parametrize(
    "raw", [b"\x89PNG\r\n", b"version: 1\n{\n1 2\n}", b'"[1, 2]"', b"12 ", b"[" * 1_100_000]
)
def test_a_part_that_is_no_json_keeps_its_bytes(part: Callable[..., Part], raw: bytes) -> None:
    found = part(raw)

    assert (found.file.read(), found.size) == (raw, len(raw))
    assert found.digest == hashlib.sha256(raw).digest()


@pytest.mark.parametrize("raw", [b'{"b": 1, "a": [2.50]}', b'\xef\xbb\xbf {"a":[2.5],"b":1}'])
def test_a_part_that_is_json_has_its_one_form(part: Callable[..., Part], raw: bytes) -> None:
    text = b'{"a":[2.5],"b":1}'

    found = part(raw)

    assert (found.file.read(), found.size) == (text, len(text))
    assert found.digest == hashlib.sha256(text).digest()


def test_a_digest_is_the_same_when_it_is_remembered(part: Callable[..., Part]) -> None:
    first = part(b"[1, 2]").digest

    assert part(b"[1, 2]").digest == first == part(b"[1,2]").digest
