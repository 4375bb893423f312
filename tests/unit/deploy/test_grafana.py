from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from deploy.grafana.__main__ import BOARDS, DASHBOARDS, text_of
from deploy.grafana.board import COLUMNS, LINES, STAT, Board, Panel, as_json, thresholds

PANELS = [(board, panel) for board in BOARDS for row in board.rows.values() for panel in row]


def boxes(board: Board) -> list[dict[str, int]]:
    return [panel["gridPos"] for panel in as_json(board)["panels"]]


def overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    return (
        one["x"] < other["x"] + other["w"]
        and other["x"] < one["x"] + one["w"]
        and one["y"] < other["y"] + other["h"]
        and other["y"] < one["y"] + one["h"]
    )


def test_the_files_are_what_the_python_beside_them_makes() -> None:
    written = {path.stem: path.read_text() for path in DASHBOARDS.glob("*.json")}

    assert written == {board.uid: text_of(board) for board in BOARDS}, "run `make dashboards`"


@pytest.mark.parametrize(("board", "panel"), PANELS, ids=lambda value: value.title)
def test_every_panel_says_what_it_shows_and_in_what(board: Board, panel: Panel) -> None:
    assert board.tells.endswith(".")
    assert panel.title
    assert panel.tells.endswith(".")
    assert panel.unit
    assert all(panel.queries.values())


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_no_two_panels_lie_over_each_other(board: Board) -> None:
    placed = boxes(board)

    assert not [pair for pair in combinations(placed, 2) if overlap(*pair)]
    assert all(box["x"] + box["w"] <= COLUMNS for box in placed)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_every_query_goes_to_the_prometheus_that_was_chosen(board: Board) -> None:
    made: dict[str, Any] = as_json(board)

    [variable] = made["templating"]["list"]
    targets = [t for panel in made["panels"] for t in panel.get("targets", [])]
    assert {t["datasource"]["uid"] for t in targets} == {f"${{{variable['name']}}}"}
    assert len({panel["id"] for panel in made["panels"]}) == len(made["panels"])


def test_a_row_that_is_full_goes_on_below() -> None:
    wide, tile = (Panel("t", "t", "s", {"q": "q"}, looks, 12) for looks in (LINES, STAT))
    board = Board("u", "t", "t", {"one": (tile, tile, wide), "two": (wide,)})

    assert [(box["x"], box["y"]) for box in boxes(board)] == [
        *((0, 0), (0, 1), (12, 1), (0, 5)),
        *((0, 13), (0, 14)),
    ]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        pytest.param((), [("green", None)], id="none"),
        pytest.param((1, 2), [("green", None), ("yellow", 1), ("red", 2)], id="much is bad"),
        pytest.param((2, 1), [("red", None), ("yellow", 1), ("green", 2)], id="little is bad"),
    ],
)
def test_limits_have_the_colours_of_what_lies_between(
    limits: tuple[float, ...], expected: list[tuple[str, float | None]]
) -> None:
    steps = thresholds(limits)["steps"]

    assert [(step["color"], step["value"]) for step in steps] == expected
