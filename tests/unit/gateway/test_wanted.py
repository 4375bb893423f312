"""What of a task a caller wants to see."""

from __future__ import annotations

import pytest

from facesvg.v1 import mask_pb2, task_pb2
from services.gateway.ids import InvalidArgument
from services.gateway.wanted import wanted

DRAWN = task_pb2.Task(
    task_id="t",
    status="SUCCESS",
    progress=100,
    result=mask_pb2.Drawing(
        svg=b"<svg/>", regions=[mask_pb2.Region(name="nose")], regions_detected=1
    ),
)


@pytest.mark.parametrize("paths", [[], ["*"], ["*", "*"]])
def test_a_task_of_which_all_is_wanted_is_not_even_copied(paths: list[str]) -> None:
    asked = wanted(paths)

    assert asked.trimmed(DRAWN) is DRAWN
    assert asked.has_result
    assert asked.of_result is None


def test_a_task_is_trimmed_to_exactly_what_is_wanted() -> None:
    trimmed = wanted(["status", "result.svg"]).trimmed(DRAWN)

    assert trimmed == task_pb2.Task(status="SUCCESS", result=mask_pb2.Drawing(svg=b"<svg/>"))


def test_a_field_brings_all_below_it_even_where_a_part_is_named_too() -> None:
    trimmed = wanted(["result.svg", "result"]).trimmed(DRAWN)

    assert trimmed == task_pb2.Task(result=DRAWN.result)


def test_what_a_task_does_not_have_stays_absent() -> None:
    trimmed = wanted(["error", "started_at", "svg_url"]).trimmed(DRAWN)

    assert trimmed == task_pb2.Task()


def test_a_drawing_of_which_too_little_is_wanted_is_there_all_the_same() -> None:
    trimmed = wanted(["result.warnings"]).trimmed(DRAWN)

    assert trimmed.HasField("result")
    assert trimmed.result == mask_pb2.Drawing()


@pytest.mark.parametrize(
    ("paths", "of_result"),
    [
        (["status", "progress"], []),
        (["status", "result.svg"], ["result.svg"]),
        (["result.width", "result.svg", "result.svg"], ["result.svg", "result.width"]),
        (["result", "result.svg"], ["result"]),
    ],
)
def test_of_the_result_only_what_is_wanted_is_asked_for(
    paths: list[str], of_result: list[str]
) -> None:
    asked = wanted(paths)

    assert asked.of_result is not None
    assert list(asked.of_result.paths) == of_result
    assert asked.has_result is bool(of_result)


@pytest.mark.parametrize(
    "path",
    [
        *("", "statuz", "Status", "status.", "result.colour"),
        *("status.x", "deliveries.host", "result.regions.id", "result.mask_contours.1"),
    ],
)
def test_a_path_that_is_no_field_is_refused_by_name(path: str) -> None:
    with pytest.raises(InvalidArgument, match="fields of Task, such as status") as caught:
        wanted(["status", path])

    assert caught.value.facts["field"] == "read_mask"
    assert caught.value.facts["value"] == path


def test_all_and_something_besides_is_refused() -> None:
    with pytest.raises(InvalidArgument, match=r"read_mask is '\*'; .* or \* alone"):
        wanted(["*", "status"])


def test_a_long_mask_says_no_more_than_a_short_one() -> None:
    asked = wanted(["status"] * 100_000)

    assert asked == wanted(["status"])
