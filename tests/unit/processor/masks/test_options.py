"""Drawing options."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest

from facesvg.v1 import mask_pb2, options_pb2
from services.processor.masks import InvalidOption, Options
from services.processor.masks.options import CHOICES, PATTERNS, RANGES, validate

RULES = {
    field.name: rule
    for field in mask_pb2.DrawOptions.DESCRIPTOR.fields
    if not (rule := field.GetOptions().Extensions[options_pb2.rule]).outside_key
}
"""The rules of all options that say what is drawn."""


def test_options_are_those_of_the_contract_in_its_order() -> None:
    assert [field.name for field in dataclasses.fields(Options)] == list(RULES)


@pytest.mark.parametrize("name", RULES)
def test_a_default_is_the_contracts(name: str) -> None:
    default = getattr(Options(), name)

    text = "" if default in ((), "") else str(default).lower().removesuffix(".0")

    assert text == RULES[name].default_value.removesuffix(".0")


def test_bounds_are_the_contracts() -> None:
    choices = {name: tuple(rule.one_of) for name, rule in RULES.items() if rule.one_of}
    ranges = {n: (r.minimum, r.maximum) for n, r in RULES.items() if r.HasField("maximum")}
    patterns = {n: (r.pattern, r.max_items) for n, r in RULES.items() if r.pattern}

    assert choices == CHOICES
    assert ranges == RANGES
    assert {name: (text, most) for name, (text, _, most) in PATTERNS.items()} == patterns


def test_the_defaults_are_valid() -> None:
    validate(Options())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("preset", "zones28"),
        ("region_opacity", 1.01),
        ("region_opacity", math.nan),
        ("region_opacity", "0.5"),
        ("stroke_width", -1.0),
        ("stroke_width", True),
        ("min_area", 1.5),
        ("min_area", -1),
        ("face_index", 100),
        ("show_labels", "true"),
        ("regions", ("nose", '"/><script>')),
        ("regions", ["nose"]),
        ("regions", ("nose",) * 129),
        ("colors", ("nose=red",)),
        ("colors", ("nose=#12345",)),
        ("label_table", ("x=nose",)),
        ("id_prefix", "1a"),
        ("id_prefix", "a" * 33),
        ("crop_margin", math.inf),
        ("theme", ""),
    ],
)
def test_a_value_out_of_bounds_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(InvalidOption, match=rf"^{name} is .*: expected ") as caught:
        validate(Options(**{name: value}))

    assert caught.value.facts["option"] == name
    assert "value" in caught.value.facts
