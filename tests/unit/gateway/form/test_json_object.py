"""JSON bodies as they stream."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.gateway.form.bodies import cut, read

from services.gateway.form.errors import MalformedRequest
from services.gateway.form.json_object import JsonReader
from services.runtime.options import UnknownOption
from services.runtime.upload_errors import PartTooLarge, TruncatedUpload

if TYPE_CHECKING:
    from collections.abc import Iterable

IMAGE = bytes(range(256))
WHOLE = json.dumps(
    {
        "image": "data:image/png;base64," + base64.b64encode(IMAGE).decode(),
        "landmarks": [{"x": 1.5, "name": 'a "quoted" \\ name'}, [1, [2, {}]]],
        "preset": "features",
        "show_labels": True,
        "min_area": -12.5e3,
        "regions": ["nose", "ünï\u2028"],
        "segmentation_map": {"nose]": [1, 2], "}": []},
        "theme": None,
    },
    indent=1,
).encode()


def parse(pieces: Iterable[bytes]) -> Any:
    return read(JsonReader, pieces)


def sized(text: bytes, size: int) -> list[bytes]:
    return [text[at : at + size] for at in range(0, len(text), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 10_000])
def test_a_body_is_the_same_however_it_is_cut(size: int) -> None:
    parts, options = parse(sized(WHOLE, size))

    value = json.loads(WHOLE)
    assert parts["image"] == IMAGE
    assert json.loads(parts["landmarks"]) == value["landmarks"]
    assert json.loads(parts["segmentation_map"]) == value["segmentation_map"]
    assert dict(options) == {
        name: value[name] for name in ("preset", "show_labels", "min_area", "regions")
    }


def test_a_body_may_be_cut_in_two_anywhere() -> None:
    whole = parse([WHOLE])

    for at in range(len(WHOLE)):
        assert parse([WHOLE[:at], WHOLE[at:]]) == whole, at


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
).filter(lambda value: isinstance(value, list | dict) and len(json.dumps(value)) < 500)


@given(
    landmarks=values,
    is_ascii=st.booleans(),
    indent=st.sampled_from([None, 2]),
    at=st.lists(st.integers(0, 600)),
)
def test_any_landmarks_come_out_as_they_went_in(
    landmarks: Any, is_ascii: bool, indent: int | None, at: list[int]
) -> None:
    compact = json.dumps({"landmarks": landmarks}, ensure_ascii=is_ascii, indent=indent)
    text = compact.encode(errors="replace")
    if len(text) > 500 or depth(landmarks) > 14:
        return

    parts, _ = parse(cut(text, at))

    assert json.loads(parts["landmarks"]) == json.loads(text)["landmarks"]


def depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value
    return 1 + max((depth(v) for v in inner if isinstance(v, list | dict)), default=0)


@given(
    image=st.binary(max_size=100),
    escaping=st.sampled_from(["/", "\\/", "\\u002f", "\\u002F"]),
    newline=st.sampled_from(["", "\n", "\\n", "\\r\\n", "\\u000a"]),
    at=st.lists(st.integers(0, 400)),
)
def test_base64_may_be_escaped_and_wrapped(
    image: bytes, escaping: str, newline: str, at: list[int]
) -> None:
    text = base64.b64encode(image).decode().replace("/", escaping)
    body = f'{{"image": "{newline}{text}{newline}"}}'.encode()

    parts, _ = parse(cut(body, at))

    assert parts["image"] == image


def test_landmarks_may_be_a_text_format_in_a_string() -> None:
    text = 'version: 1\n{\n"é" \U0001f600\n}'

    parts, _ = parse([json.dumps({"landmarks": text}, ensure_ascii=False).encode()])

    assert parts["landmarks"].decode() == text


def test_a_body_cut_off_anywhere_is_truncated() -> None:
    for at in range(len(WHOLE)):
        with pytest.raises(TruncatedUpload):
            parse([WHOLE[:at]])


def test_white_space_may_surround_everything() -> None:
    parts, options = parse(sized(b' \t\r\n{ "landmarks" : [ ] , "preset" : "map" } \r\n\t ', 1))

    assert parts == {"landmarks": b"[ ]"}
    assert options == [("preset", "map")]


@pytest.mark.parametrize("size", [1, 10_000])
@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (b"[]", MalformedRequest, "expected an object, found '\\['"),
        (b"hello", MalformedRequest, "expected an object"),
        (b"\xef\xbb\xbf{}", MalformedRequest, "expected an object"),
        (b"{} {}", MalformedRequest, "expected nothing after the object"),
        (b"{}x", MalformedRequest, "expected nothing after the object"),
        (b"{,}", MalformedRequest, "expected a member's name"),
        (b"{1: 2}", MalformedRequest, "expected a member's name"),
        (b'{"preset": "map",}', MalformedRequest, "expected a member's name"),
        (b'{"preset" "map"}', MalformedRequest, "expected a colon"),
        (b'{"preset": "map" "trace": "exact"}', MalformedRequest, "expected a comma"),
        (b'{"preset": "map", "preset": "map"}', MalformedRequest, "'preset' comes twice"),
        (b'{"preset": }', MalformedRequest, "expected a value"),
        (b'{"preset": nonsense}', MalformedRequest, "expected a value, found 'nonsense'"),
        (b'{"colour": null}', UnknownOption, "did you mean colors"),
        (b'{"preset": oops}', MalformedRequest, "expected a value"),
        (b'{"min_area": NaN}', MalformedRequest, "expected a value"),
        (b'{"min_area": 1 2}', MalformedRequest, "expected a comma"),
        (b'{"preset": "a\nb"}', MalformedRequest, "expected a value"),
        (b'{"preset": "\\x"}', MalformedRequest, "expected a value"),
        (b'{"preset": "\xff"}', MalformedRequest, "expected UTF-8"),
        (b'{"\\ud800": 1}', UnknownOption, "no option"),
        (b'{"photo": "' + b"A" * 9000 + b'"}', UnknownOption, "no option 'photo'"),
        (b'{"colour": 1}', UnknownOption, "did you mean colors"),
        (b'{"preset": "' + b"A" * 20_000 + b'"}', PartTooLarge, "preset is larger"),
        (b'{"' + b"A" * 300 + b'": 1}', PartTooLarge, "name is larger"),
        (b'{"image": 5}', MalformedRequest, "image is a number; expected base64"),
        (b'{"image": [1]}', MalformedRequest, "image is an array; expected base64"),
        (b'{"image": "****"}', MalformedRequest, "image is not base64"),
        (b'{"image": "\\ud800"}', MalformedRequest, "image is not base64"),
        (b'{"image": "\\q"}', MalformedRequest, "expected a value"),
        (b'{"image": "' + b"A" * 2000 + b'"}', PartTooLarge, "image is larger"),
        (b'{"landmarks": true}', MalformedRequest, "landmarks is true; expected an array"),
        (b'{"landmarks": [' + b"1," * 500 + b"1]}", PartTooLarge, "landmarks is larger"),
        (b'{"landmarks": ' + b"[" * 17, MalformedRequest, "deeper than 16"),
        (b'{"preset": ' + b"[" * 100_000, MalformedRequest, "deeper than 16"),
    ],
)
def test_a_wrong_body_is_told_what_is_wrong(
    text: bytes, error: type[Exception], message: str, size: int
) -> None:
    with pytest.raises(error, match=message):
        parse(sized(text, size))
