"""Multipart forms as they stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from unit.gateway.form.bodies import cut, read

from services.gateway.form.errors import MalformedRequest
from services.gateway.form.multipart import MultipartReader
from services.runtime.options import UnknownOption
from services.runtime.upload_errors import PartTooLarge, TruncatedUpload, UnexpectedPart

if TYPE_CHECKING:
    from collections.abc import Iterable

BOUNDARY = "AaB03x"
EDGES = [b"\r\n", b"--", b"\r", b"-", BOUNDARY.encode(), b"\r\n--AaB03", b"--AaB03x", b"x"]


def parse(pieces: Iterable[bytes]) -> Any:
    return read(lambda collection: MultipartReader(BOUNDARY, collection), pieces)


def part(name: str, data: bytes, filename: str | None = "a.bin", more: str = "") -> bytes:
    file = f'; filename="{filename}"' if filename is not None else ""
    head = f'Content-Disposition: form-data; name="{name}"{file}\r\n{more}'
    return f"--{BOUNDARY}\r\n{head}\r\n".encode() + data + b"\r\n"


def body(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


nasty = (
    st.lists(st.sampled_from(EDGES), max_size=12)
    .map(b"".join)
    .filter(lambda data: f"\r\n--{BOUNDARY}".encode() not in b"\r\n" + data)
)


@given(image=nasty, value=st.text("ab,.-=# é", max_size=20), at=st.lists(st.integers(0, 400)))
@example(image=b"\r\n--AaB03", value="", at=list(range(400)))
def test_a_form_is_the_same_however_it_is_cut(image: bytes, value: str, at: list[int]) -> None:
    form = body(
        part("image", image),
        part("landmarks", b"[[1, 2]]"),
        part("regions", value.encode(), filename=None),
    )

    parts, options = parse(cut(form, at))

    assert parts == {"image": image, "landmarks": b"[[1, 2]]"}
    assert options == [("regions", value)]


def test_landmarks_and_map_may_be_plain_fields() -> None:
    form = body(
        part("landmarks", b"[[1, 2]]", filename=None),
        part("segmentation_map", b'{"nose": [1]}', filename=None),
    )

    parts, _ = parse([form])

    assert parts == {"landmarks": b"[[1, 2]]", "segmentation_map": b'{"nose": [1]}'}


def test_a_file_input_left_empty_is_absent() -> None:
    parts, _ = parse([body(part("segmentation_map", b"", filename=""))])

    assert parts == {}


def test_an_empty_file_is_there() -> None:
    parts, _ = parse([body(part("image", b""))])

    assert parts == {"image": b""}


@pytest.mark.parametrize("at", range(len(body(part("image", b"abc"))) - 3))
def test_a_form_cut_off_anywhere_is_truncated(at: int) -> None:
    form = body(part("image", b"abc"))

    with pytest.raises(TruncatedUpload, match="closing boundary --AaB03x--"):
        parse([form[:at]])


@pytest.mark.parametrize("epilogue", [b"\r\n", b"anything", body(part("image", b"2"))])
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_what_follows_the_closing_boundary_is_ignored(epilogue: bytes, size: int) -> None:
    form = body(part("image", b"1")) + epilogue

    parts, _ = parse(form[at : at + size] for at in range(0, len(form), size))

    assert parts == {"image": b"1"}


def test_a_form_of_nothing_is_read() -> None:
    assert parse([body()]) == ({}, [])


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize(
    ("form", "error", "message"),
    [
        (body(part("image", b"1"), part("image", b"1")), UnexpectedPart, "image came twice"),
        (body(part("photo", b"1")), UnexpectedPart, "no file 'photo'"),
        (body(part("", b"1")), UnexpectedPart, "no file ''"),
        (body(part("opacity", b"1", None)), UnknownOption, "did you mean region_opacity"),
        (body(part("", b"1", None)), UnknownOption, "no option ''"),
        (body(part("preset", b"\xff", None)), MalformedRequest, "preset is not UTF-8"),
        (body(part("preset", b"x" * 16_385, None)), PartTooLarge, "preset is larger than"),
        (body(part("image", b"x" * 1001)), PartTooLarge, "image is larger than the 1000 bytes"),
        (body(part("landmarks", b"x" * 501, None)), PartTooLarge, "landmarks is larger"),
        (body(*[part("regions", b"a", None)] * 1000), MalformedRequest, "count"),
        (
            body(part("image", b"1", more=f"X-Long: {'x' * 9000}\r\n")),
            MalformedRequest,
            "header length",
        ),
        (
            body(part("image", b"1", more="X-Many: 1\r\n" * 9)),
            MalformedRequest,
            "header count",
        ),
        (body(part("image", b"1", more="no colon\r\n")), MalformedRequest, "cannot be read"),
        (b"--AaB03x\r\n\r\n1\r\n--AaB03x--", MalformedRequest, "Content-Disposition"),
        (b"hello" * 10, MalformedRequest, "oundary"),
        (b"--AaB03xyz" + b" " * 10, MalformedRequest, "oundary"),
    ],
)
def test_a_wrong_form_is_told_what_is_wrong(
    form: bytes, error: type[Exception], message: str, size: int
) -> None:
    with pytest.raises(error, match=message):
        parse(form[at : at + size] for at in range(0, len(form), size))


@pytest.mark.parametrize(
    ("boundary", "message"), [("", "has no boundary"), ("x" * 2000, "cannot be read")]
)
def test_a_wrong_boundary_is_told(boundary: str, message: str) -> None:
    with pytest.raises(MalformedRequest, match=message):
        read(lambda collection: MultipartReader(boundary, collection), [])
