"""Base64 as it streams."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.gateway.form.bodies import cut

from services.gateway.form.base64_text import Base64Text
from services.gateway.form.errors import MalformedRequest

if TYPE_CHECKING:
    from collections.abc import Callable


def decode(*pieces: bytes) -> bytes:
    found = bytearray()
    text = Base64Text("image", found.extend)
    for piece in pieces:
        text.feed(piece)
    text.finish()
    return bytes(found)


@given(
    data=st.binary(max_size=200),
    encode=st.sampled_from([base64.b64encode, base64.urlsafe_b64encode, base64.encodebytes]),
    head=st.sampled_from([b"", b"data:image/png;base64,", b"data:;base64,"]),
    is_padded=st.booleans(),
    at=st.lists(st.integers(0, 300)),
)
def test_bytes_come_out_as_they_went_in(
    data: bytes, encode: Callable[[bytes], bytes], head: bytes, is_padded: bool, at: list[int]
) -> None:
    text = encode(data) if is_padded else encode(data).rstrip(b"=\n")

    assert decode(*cut(head + text, at)) == data


@pytest.mark.parametrize("at", range(30))
def test_a_data_url_may_be_cut_anywhere(at: int) -> None:
    text = b"data:image/jpeg;base64,_-8="

    assert decode(text[:at], text[at:]) == b"\xff\xef"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"****", "characters"),
        (b"Q", "middle of a byte"),
        (b"QUJDQ", "middle of a byte"),
        (b"QQ=", "middle of a byte"),
        (b"QUJD=", "padding is wrong"),
        (b"QQ===", "padding is wrong"),
        (b"QQ==QQ==", "padding is wrong"),
        (b"QQ=Q", "padding is wrong"),
        (b"=", "padding is wrong"),
        ("QÜJD".encode(), "characters"),
        (b"data:image/png,QUJD", "not ;base64"),
        (b"data:image/png;base64", "no comma"),
        (b"data:" + b"x" * 300, "no comma"),
        (b"http://example.com/a.png", "characters"),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_what_is_no_base64_is_refused_however_it_is_cut(
    text: bytes, reason: str, size: int
) -> None:
    pieces = [text[at : at + size] for at in range(0, len(text), size)]

    with pytest.raises(MalformedRequest, match="image is not base64") as caught:
        decode(*pieces)

    assert reason in str(caught.value) or "goes on after" in str(caught.value)
    assert caught.value.facts["part"] == "image"
