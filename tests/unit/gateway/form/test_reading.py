"""Bodies of either kind, whole or not."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.gateway.form.bodies import LIMITS

from services.gateway.choices import NAMES
from services.gateway.faults import FAULTS
from services.gateway.form import MalformedRequest, receive
from services.runtime.faults import COMMON
from services.runtime.upload_errors import PartTooLarge, TruncatedUpload

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services.gateway.form import Form

JSON = b'{"landmarks": [[1, 2]], "preset": "map"}'


@dataclass
class Piece:
    content_type: str
    data: bytes


def read(*pieces: Piece, length: int | None = None) -> Form:
    async def stream() -> AsyncIterator[Piece]:
        for piece in pieces:
            yield piece

    return asyncio.run(receive(stream(), LIMITS, NAMES, length=length))


def options(form: Form) -> list[tuple[str, object]]:
    for spool in form.parts.values():
        spool.close()
    return list(form.options)


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON; charset=utf-8", " application/json ; x"],
)
@pytest.mark.parametrize("length", [None, len(JSON)])
def test_the_first_piece_says_what_the_body_is(content_type: str, length: int | None) -> None:
    form = read(Piece(content_type, JSON[:9]), Piece("", b""), Piece("", JSON[9:]), length=length)

    assert options(form) == [("preset", "map")]


def test_a_boundary_may_be_quoted() -> None:
    body = b'--a b\r\nContent-Disposition: form-data; name="preset"\r\n\r\nmap\r\n--a b--'

    form = read(Piece('multipart/form-data; charset=utf-8; boundary="a b"', body))

    assert options(form) == [("preset", "map")]


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "multipart/mixed; boundary=x", "json", "x" * 1000]
)
def test_another_content_type_is_told_the_two_that_are_understood(content_type: str) -> None:
    with pytest.raises(
        MalformedRequest, match="expected multipart/form-data or application/json"
    ) as caught:
        read(Piece(content_type, JSON))

    assert caught.value.facts["content_type"] == content_type[:128]


@pytest.mark.parametrize("length", [0, len(JSON) - 1, len(JSON) + 1])
def test_a_body_of_another_length_than_declared_is_truncated(length: int) -> None:
    with pytest.raises(TruncatedUpload, match=f"declared as {length} bytes, {len(JSON)} came"):
        read(Piece("application/json", JSON), length=length)


def test_a_body_that_never_came_is_truncated() -> None:
    with pytest.raises(TruncatedUpload, match="before its body"):
        read()


def test_a_stream_that_breaks_leaves_nothing_open() -> None:
    async def breaks() -> AsyncIterator[Piece]:
        yield Piece("application/json", JSON[:20])
        raise ConnectionError

    with pytest.raises(ConnectionError):
        asyncio.run(receive(breaks(), LIMITS, NAMES, length=None))


@pytest.mark.parametrize("length", [None, 10**9])
def test_a_body_that_no_parts_can_fill_is_refused(length: int | None) -> None:
    """White space after the object costs nothing and could go on for ever."""
    pieces = [Piece("application/json", JSON), Piece("", b" " * (0 if length else LIMITS.body))]

    with pytest.raises(PartTooLarge, match=f"larger than the {LIMITS.body} bytes"):
        read(*pieces, length=length)


seeds = st.sampled_from(
    [
        ("application/json", JSON),
        ("application/json", b'{"image": "data:image/png;base64,QUJD\\/", "segmentation_map": {}}'),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n1\r\n--b--',
        ),
    ]
)


@given(seed=seeds, noise=st.binary(max_size=6), at=st.integers(0, 80), gone=st.integers(0, 4))
def test_whatever_comes_is_read_or_refused(
    seed: tuple[str, bytes], noise: bytes, at: int, gone: int
) -> None:
    content_type, body = seed
    damaged = body[:at] + noise + body[at + gone :]

    try:
        options(read(*(Piece(content_type, bytes([byte])) for byte in damaged)))
    except tuple({**FAULTS, **COMMON}):
        pass
