"""Pieces of bodies, out of their messages."""

from __future__ import annotations

import pytest
from google.api.httpbody_pb2 import HttpBody
from google.protobuf.message import DecodeError
from hypothesis import example, given
from hypothesis import strategies as st

from facesvg.v1 import gateway_pb2 as pb
from services.gateway.pieces import request_of


def written(content_type: str, data: bytes) -> bytes:
    form = HttpBody(content_type=content_type, data=data)
    return pb.SubmitFormRequest(form=form).SerializeToString()


def agrees(message: bytes) -> None:
    """Both ways of reading a message find the same, or find it wrong."""
    try:
        form = pb.SubmitFormRequest.FromString(message).form
    except DecodeError:
        with pytest.raises((DecodeError, UnicodeDecodeError)):
            request_of(message)
        return
    found = request_of(message).form
    assert (found.content_type, found.data) == (form.content_type, form.data)


@given(content_type=st.text(max_size=200), data=st.binary(max_size=300))
@example(content_type="", data=b"")
@example(content_type="x", data=b"")
@example(content_type="", data=b"x")
@example(content_type="multipart/form-data; boundary=x", data=bytes(1024 * 1024 - 9))
def test_a_piece_is_what_was_written(content_type: str, data: bytes) -> None:
    form = request_of(written(content_type, data)).form

    assert (form.content_type, form.data) == (content_type, data)


@given(message=st.lists(st.sampled_from([0, 1, 2, 3, 10, 18, 26, 128, 255])).map(bytes))
@example(message=b"")
@example(message=b"\x0a\x00")
@example(message=b"\x0a\x02\x12\x00")
@example(message=b"\x12\x02\x12\x00")
@example(message=b"\x0a\x03\x0a\x01\xff")
@example(message=b"\x0a\x05\x0a\x01\xff\x12\x00")
@example(message=b"\x0a\x04\x12\x00\x12\x00")
@example(message=b"\x0a\x02\x12\x00\x0a\x02\x12\x00")
@example(message=b"\x0a\x05\x12\x01a\x1a\x00")
def test_whatever_comes_is_read_as_protobuf_reads_it(message: bytes) -> None:
    agrees(message)


@given(content_type=st.text(max_size=9), data=st.binary(max_size=9), at=st.data())
def test_a_damaged_message_is_read_as_protobuf_reads_it(
    content_type: str, data: bytes, at: st.DataObject
) -> None:
    message = bytearray(written(content_type, data))
    if message:
        index = at.draw(st.integers(0, len(message) - 1))
        message[index] = at.draw(st.integers(0, 255))

    agrees(bytes(message))
