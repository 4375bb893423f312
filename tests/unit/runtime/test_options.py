"""Options by the rules of the contract."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facesvg.v1 import mask_pb2
from services.runtime import options
from services.runtime.options import InvalidOption, UnknownOption


def parse(**values: Any) -> mask_pb2.DrawOptions:
    return options.parse(mask_pb2.DrawOptions, values)


@pytest.mark.parametrize(
    ("value", "expected"), [("0.25", 0.25), (0.25, 0.25), ("1", 1.0), (0, 0.0), ("5e-1", 0.5)]
)
def test_numbers_come_as_text_or_json(value: Any, expected: float) -> None:
    assert parse(region_opacity=value).region_opacity == expected


@pytest.mark.parametrize("value", ["true", "TRUE", "1", True])
def test_truths_come_as_text_or_json(value: Any) -> None:
    assert parse(show_labels=value).show_labels is True


@pytest.mark.parametrize("value", ["nose, chin", ["chin", "nose"], "chin,nose,,chin"])
def test_lists_are_sorted_and_unique_however_they_come(value: Any) -> None:
    assert list(parse(regions=value).regions) == ["chin", "nose"]


def test_a_default_that_is_spelled_out_is_as_good_as_absent() -> None:
    defaults = options.filled(mask_pb2.DrawOptions())
    spelled_out = {n: list(v) if isinstance(v, tuple) else v for n, v in defaults.items()}

    assert options.parse(mask_pb2.DrawOptions, spelled_out) == parse()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("region_opacity", "1.5", "region_opacity is '1.5'; expected a number from 0 to 1"),
        ("region_opacity", "nan", "region_opacity is 'nan'; expected a number from 0 to 1"),
        ("region_opacity", True, "region_opacity is True; expected a number from 0 to 1"),
        ("face_index", 1.5, "face_index is 1.5; expected a whole number from 0 to 99"),
        ("face_index", "", "face_index is ''; expected a whole number from 0 to 99"),
        ("similarity", 11, "similarity is 11; expected a whole number from 0 to 10"),
        ("min_area", "9" * 999, "expected a whole number from 0 to 1000000"),
        ("show_labels", "maybe", "show_labels is 'maybe'; expected true or false"),
        ("preset", "zones", "preset is 'zones'; expected one of zones27, features, qoves5"),
        ("preset", 5, "preset is 5; expected text"),
        ("regions", "a b", "regions is 'a b'; expected a region's name"),
        ("regions", {"nose": 1}, "expected a list of texts"),
        ("regions", [f"r{n}" for n in range(129)], "regions has 129 elements; at most 128"),
        ("colors", "nose=red", "colors is 'nose=red'; expected name=#rrggbb"),
        ("id_prefix", '"><script>', "expected a letter, then up to 31 letters"),
    ],
)
def test_a_wrong_value_is_named_with_what_would_be_right(
    name: str, value: Any, expected: str
) -> None:
    with pytest.raises(InvalidOption) as caught:
        parse(**{name: value})

    assert expected in str(caught.value)
    assert caught.value.facts["option"] == name


def test_an_unknown_option_comes_with_the_nearest_known() -> None:
    with pytest.raises(
        UnknownOption, match=r"no option \'opacity\'; did you mean region_opacity\?"
    ):
        parse(opacity=1)


def test_only_what_differs_from_the_defaults_is_canonical() -> None:
    found = options.canonical(parse(stroke_width="3.50", theme="pastel", upright=True))

    assert found == {"stroke_width": "3.5", "upright": "true"}


def test_what_is_accepted_as_an_answer_decides_no_drawing() -> None:
    chosen = parse(similarity=8, upright=True)

    assert options.canonical(chosen) == {"similarity": "8", "upright": "true"}
    assert options.deciding(chosen) == {"upright": "true"}
    assert "similarity" not in options.filled(chosen)


def test_only_similarity_is_outside_the_key() -> None:
    fields = mask_pb2.DrawOptions.DESCRIPTOR.fields

    assert [f.name for f in fields if options.rule(f).outside_key] == [
        "similarity",
        "callback_url",
    ]


@given(
    st.dictionaries(
        st.sampled_from([field.name for field in mask_pb2.DrawOptions.DESCRIPTOR.fields]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text()),
    )
)
def test_whatever_comes_is_options_or_one_clear_error(values: dict[str, Any]) -> None:
    try:
        found = options.parse(mask_pb2.DrawOptions, values)
    except options.OptionError as error:
        assert error.field in str(error)  # noqa: PT017 - both outcomes are right
    else:
        assert options.normal(found) == found
