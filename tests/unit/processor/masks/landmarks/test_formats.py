"""Formats of landmarks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.processor.masks import MaskError, UnreadableLandmarks
from services.processor.masks.landmarks import formats

POINTS = [[1.5, 2.0], [30.0, 4.25], [5.0, 60.0]]
DICTS = [{"x": x, "y": y} for x, y in POINTS]
DEEP = [{"x": x, "y": y, "z": 0.1, "visibility": 1.0} for x, y in POINTS]


def read(data: Any) -> list[list[list[float]]]:
    raw = data.encode() if isinstance(data, str) else json.dumps(data).encode()
    return [[list(point[:2]) for point in face] for face in formats.read(raw).faces]


@pytest.mark.parametrize(
    "data",
    [
        POINTS,
        [[x, y, 0.5] for x, y in POINTS],
        DICTS,
        DEEP,
        [DICTS],
        {"landmarks": POINTS},
        {"landmarks": [DICTS], "dimensions": [100, 80]},
        {"landmarks": [POINTS]},
        {"faceLandmarks": [DEEP]},
        {"face_landmarks": [DEEP], "face_blendshapes": []},
        {"multiFaceLandmarks": [DEEP]},
        {"multi_face_landmarks": [{"landmark": DEEP}]},
        {"landmark": DEEP},
        str({"landmarks": [DICTS]}),
        repr({"landmarks": tuple(map(tuple, POINTS)), "image_url": "it's", "none": None}),
        "\ufeff" + json.dumps(POINTS),
        "\n".join(f"{x},{y}" for x, y in POINTS),
        "x,y\n" + "\n".join(f"{x},{y}" for x, y in POINTS),
        "\n".join(f"{x}\t{y}  " for x, y in POINTS) + "\n\n",
        "# a face\n" + "\n".join(f"{x}; {y}; 0" for x, y in POINTS),
        " ".join(f"{x} {y}" for x, y in POINTS),
        "version: 1\nn_points: 3\n{\n" + "\n".join(f"{x + 1} {y + 1}" for x, y in POINTS) + "\n}\n",
        {"version": 2, "labels": [], "landmarks": {"points": [[y, x] for x, y in POINTS]}},
    ],
    ids=lambda data: str(data)[:40],
)
def test_a_format_gives_the_points(data: Any) -> None:
    assert read(data) == [POINTS]


def test_several_faces_stay_apart() -> None:
    assert read({"faceLandmarks": [DEEP, DEEP[:2]]}) == [POINTS, POINTS[:2]]


def test_no_points_are_no_error_of_format() -> None:
    assert read([]) == []
    assert read({"faceLandmarks": []}) == []
    assert read([[]]) == [[]]


def test_the_size_of_the_picture_is_kept() -> None:
    found = formats.read(json.dumps({"landmarks": POINTS, "dimensions": [100, 80]}).encode())

    assert found.dimensions == [100, 80]


@pytest.mark.parametrize(
    "data",
    [
        "",
        " \n",
        "hello",
        "{}",
        "[1, 2, 3]",
        '{"landmarks": 5}',
        '{"landmarks": {"a": 1}}',
        '[[1, 2], "x"]',
        "[[1], [2]]",
        '[{"x": 1}]',
        "[[[1, 2]], 5]",
        '[[1, 2], {"landmarks": []}]',
        "version: 1\nno braces",
        "1 2\n3",
        "1 2\n3 x",
        "1",
        "1 2 3 4\n5 6 7 8",
        "[[1, 2]",
        "[" * 100_000,
        "(" * 100_000,
        "{'a':" * 50_000,
        "__import__('os').system('true')",
        "[__import__('os').getcwd()]",
        json.dumps([[[1, 2]]] * 101),
    ],
    ids=lambda data: data[:20] or "empty",
)
def test_anything_else_is_unreadable(data: str) -> None:
    with pytest.raises(UnreadableLandmarks):
        read(data)


def test_bytes_that_are_no_text_are_unreadable() -> None:
    with pytest.raises(UnreadableLandmarks, match=r"no text in UTF-8"):
        formats.read(b"\xff\xfe1\x002\x00")


@given(
    st.binary(max_size=200)
    | st.text("[]{}()',\":0123456789.eE-+ \nxyNaInf", max_size=200).map(str.encode)
)
def test_no_bytes_raise_anything_but_mask_errors(data: bytes) -> None:
    try:
        found = formats.read(data)
    except MaskError:
        return

    assert isinstance(found.faces, tuple)
