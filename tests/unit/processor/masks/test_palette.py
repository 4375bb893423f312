"""Colours of regions."""

from __future__ import annotations

import math
from itertools import combinations

import pytest

from services.processor.masks import palette
from services.processor.masks.atlas.zones27 import ZONES
from services.processor.masks.options import CHOICES


def rgb(name: str, theme: str, number: int = 1) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(palette.color(name, theme=theme, number=number)[1:])
    return red, green, blue


def apart(first: tuple[int, int, int], second: tuple[int, int, int]) -> float:
    return math.dist(first, second)


def neighbours() -> list[tuple[str, str]]:
    edges = {
        frozenset(edge): name
        for name, ring in ZONES.items()
        for edge in zip(ring, (*ring[1:], ring[0]), strict=True)
    }
    pairs = {
        (name, edges[frozenset(edge)])
        for name, ring in ZONES.items()
        for edge in zip(ring, (*ring[1:], ring[0]), strict=True)
    }
    return [pair for pair in pairs if pair[0] != pair[1]]


@pytest.mark.parametrize(("theme", "least"), [("pastel", 25), ("vivid", 40)])
def test_neighbouring_zones_can_be_told_apart(theme: str, least: float) -> None:
    for first, second in neighbours():
        assert apart(rgb(first, theme), rgb(second, theme)) > least, (first, second)


@pytest.mark.parametrize("theme", ["pastel", "vivid"])
def test_the_two_sides_have_related_colours(theme: str) -> None:
    for kind in ("cheek", "eye", "brow", "temple"):
        assert 4 < apart(rgb(f"right_{kind}", theme), rgb(f"left_{kind}", theme)) < 60


def test_mono_has_no_colour() -> None:
    assert all(max(c) - min(c) < 32 for c in (rgb(name, "mono") for name in ZONES))


@pytest.mark.parametrize("theme", CHOICES["theme"])
def test_unknown_regions_take_turns_about_the_circle(theme: str) -> None:
    colours = [rgb("spot", theme, number) for number in range(1, 7)]

    assert all(first != second for first, second in combinations(colours, 2))
