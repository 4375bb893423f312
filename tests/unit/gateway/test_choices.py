"""Options of one request, wherever they stood in it."""

from __future__ import annotations

from typing import Any

import pytest

from services.gateway.choices import merged
from services.runtime.options import InvalidOption, UnknownOption


@pytest.mark.parametrize(
    ("sources", "found"),
    [
        ([], {}),
        ([[], []], {}),
        ([[("preset", "features")]], {"preset": "features"}),
        ([[("preset", "zones27")]], {}),
        ([[("region_opacity", "0.50")]], {"region_opacity": "0.5"}),
        ([[("region_opacity", 0.5)]], {"region_opacity": "0.5"}),
        ([[("show_labels", "True")]], {"show_labels": "true"}),
        ([[("show_labels", True)]], {"show_labels": "true"}),
        ([[("preset", "features")], [("min_area", "7")]], {"preset": "features", "min_area": "7"}),
        ([[("region_opacity", "0.5")], [("region_opacity", 0.50)]], {"region_opacity": "0.5"}),
        ([[("preset", "zones27"), ("preset", "zones27")]], {}),
        ([[("regions", "nose,chin")]], {"regions": "chin,nose"}),
        ([[("regions", "nose"), ("regions", "chin")]], {"regions": "chin,nose"}),
        ([[("regions", ["nose", "chin"])]], {"regions": "chin,nose"}),
        ([[("regions", "nose,chin")], [("regions", ["chin", "nose"])]], {"regions": "chin,nose"}),
        ([[("trace", ""), ("preset", None)]], {}),
        ([[("trace", "")], [("trace", "exact")]], {"trace": "exact"}),
    ],
)
def test_options_mean_the_same_however_they_are_written(
    sources: list[list[tuple[str, Any]]], found: dict[str, str]
) -> None:
    assert merged(*sources) == found


@pytest.mark.parametrize(
    "sources",
    [
        [[("preset", "features")], [("preset", "map")]],
        [[("preset", "features")], [("preset", "zones27")]],
        [[("preset", "zones27")], [("preset", "features")]],
        [[("preset", "features"), ("preset", "map")]],
        [[("regions", "nose")], [("regions", "chin")]],
        [[("show_labels", "true")], [("show_labels", False)]],
    ],
)
def test_an_option_with_two_values_is_refused(sources: list[list[tuple[str, Any]]]) -> None:
    with pytest.raises(InvalidOption, match="give it once"):
        merged(*sources)


@pytest.mark.parametrize("value", ["1.5", "nan", "x", 1.5, [1], {"a": 1}, True])
def test_a_wrong_value_is_refused(value: Any) -> None:
    with pytest.raises(InvalidOption, match="region_opacity is"):
        merged([("region_opacity", value)])


@pytest.mark.parametrize("value", ["1", "", None])
def test_an_unknown_name_is_refused_even_when_empty(value: Any) -> None:
    with pytest.raises(UnknownOption, match="did you mean region_opacity"):
        merged([("opacity", value)])
