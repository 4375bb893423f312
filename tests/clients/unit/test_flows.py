"""Flows, asked and answered by hand: what the client does, whatever it is done over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from google.api.httpbody_pb2 import HttpBody

from facesvg.v1 import cache_pb2, gateway_pb2, mask_pb2, task_pb2
from facesvg_client.errors import (
    Busy,
    DeadlineExceeded,
    InvalidPhoto,
    NotFound,
    TaskCancelled,
    Unavailable,
)
from facesvg_client.flows import Flows
from facesvg_client.inputs import Order
from facesvg_client.policy import Deadline, Retry
from facesvg_client.steps import Ask, Next, Open, Pause, Send, Tell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from facesvg_client.steps import Flow

ORDER = Order.of(b"photo", [[1, 2]], None, {})
FLOWS = Flows(Retry(attempts=3, chance=lambda: 1.0), Deadline(None))
PENDING = gateway_pb2.SubmitResponse(task_id="t", status="PENDING")
HIT = gateway_pb2.SubmitResponse(task_id="t", status="SUCCESS", cache_match="EXACT")
NOT_DRAWN = NotFound("not drawn", reason="RESULT_NOT_FOUND", code="NOT_FOUND")
AWAY = Unavailable("away")


def task(status: str, **more: Any) -> task_pb2.Task:
    return task_pb2.Task(task_id="t", status=status, **more)


DRAWN = task("SUCCESS", progress=100, result=mask_pb2.Drawing(svg=b"<svg/>"))


def played(flow: Flow[Any], answers: Iterable[Any]) -> tuple[list[str], Any]:
    """Answer a flow's calls in turn; return what it asked for, and what it returned."""
    asked: list[str] = []
    left = iter(answers)
    answer: Any = None
    while True:
        try:
            step = flow.throw(answer) if isinstance(answer, Exception) else flow.send(answer)
        except StopIteration as end:
            assert next(left, None) is None
            return asked, end.value
        match step:
            case Tell(what):
                asked.append(f"tell {what.status}")
                answer = None
            case Pause(seconds):
                asked.append(f"pause {seconds:g}")
                answer = None
            case Next():
                answer = next(left)
            case Ask(method) | Send(method) | Open(method):
                asked.append(method)
                answer = next(left)


def test_a_drawing_that_is_there_takes_no_upload() -> None:
    asked, drawing = played(FLOWS.draw(ORDER, lookup=True), [HIT, DRAWN])

    assert asked == ["FindByInputs", "GetStatus", "tell SUCCESS"]
    assert (drawing.svg, drawing.cache_match) == ("<svg/>", "EXACT")


def test_a_drawing_that_is_not_there_is_uploaded_and_watched() -> None:
    answers = [NOT_DRAWN, PENDING, "stream", task("PENDING"), task("PROGRESS"), DRAWN]

    asked, drawing = played(FLOWS.draw(ORDER, lookup=True), answers)

    assert asked == [
        "FindByInputs",
        "Submit",
        "WatchTask",
        "tell PENDING",
        "tell PROGRESS",
        "tell SUCCESS",
    ]
    assert not drawing.cache_hit


def test_a_document_too_large_for_its_record_is_fetched() -> None:
    bare = task("SUCCESS", result=mask_pb2.Drawing(regions_detected=1))
    pieces = [HttpBody(data=d) for d in (b"<s", b">")]

    asked, drawing = played(
        FLOWS.draw(ORDER, lookup=False), [PENDING, "stream", bare, "stream", *pieces, None]
    )

    assert asked[-1] == "GetSvg"
    assert drawing.svg == "<s>"


def test_a_lost_answer_is_asked_for_again() -> None:
    answers = [NOT_DRAWN, AWAY, AWAY, PENDING]

    asked, submitted = played(FLOWS.submit(ORDER, lookup=True), answers)

    assert asked == ["FindByInputs", "Submit", "pause 0.1", "Submit", "pause 0.2", "Submit"]
    assert submitted.task_id == "t"


def test_a_task_is_asked_for_what_is_wanted_beside_what_makes_it_one() -> None:
    opened = next(FLOWS.watch("t", ["progress", "result.svg"]))

    assert isinstance(opened, Open)
    assert list(opened.request.read_mask.paths) == ["task_id", "status", "progress", "result.svg"]


def test_a_task_is_asked_for_whole_where_nothing_is_said() -> None:
    opened = next(FLOWS.watch("t"))

    assert isinstance(opened, Open)
    assert not opened.request.HasField("read_mask")


def test_an_older_service_is_not_asked_twice() -> None:
    unknown = InvalidPhoto("no such method", code="UNIMPLEMENTED")

    asked, _ = played(FLOWS.submit(ORDER, lookup=True), [unknown, PENDING])

    assert asked == ["FindByInputs", "Submit"]


def test_what_is_refused_is_not_repeated() -> None:
    with pytest.raises(InvalidPhoto):
        played(FLOWS.submit(ORDER, lookup=False), [InvalidPhoto("no", reason="NOT_AN_IMAGE")])


def test_nobody_is_asked_more_often_than_is_allowed() -> None:
    with pytest.raises(Unavailable, match="away"):
        played(FLOWS.submit(ORDER, lookup=False), [AWAY] * 3)


def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    hasty = Flows(FLOWS.retry, Deadline(10.0, clock=lambda: 0.0))

    with pytest.raises(Busy):
        played(hasty.submit(ORDER, lookup=False), [Busy("full", retry_after=11.0)])


def test_nothing_is_begun_after_the_deadline() -> None:
    late = Flows(FLOWS.retry, Deadline(10.0, clock=lambda: 11.0))

    with pytest.raises(DeadlineExceeded):
        played(late.submit(ORDER, lookup=True), [])


def test_a_watch_that_is_cut_off_goes_on_and_tells_nothing_twice() -> None:
    going = task("PROGRESS", progress=50)
    answers = ["stream", going, AWAY, "stream", going, None, "stream", going, DRAWN]

    asked, end = played(FLOWS.watch("t"), answers)

    assert asked == [
        "WatchTask",
        "tell PROGRESS",
        "pause 0.1",
        "WatchTask",
        "pause 0.1",
        "WatchTask",
        "tell SUCCESS",
    ]
    assert end.status == "SUCCESS"


def test_a_drawing_that_was_erased_meanwhile_is_drawn_again() -> None:
    gone = NotFound("gone", reason="TASK_NOT_FOUND")

    asked, _ = played(FLOWS.draw(ORDER, lookup=True), [HIT, gone, PENDING, "stream", DRAWN])

    assert asked[:4] == ["FindByInputs", "GetStatus", "Submit", "WatchTask"]


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (
            task("FAILURE", error=task_pb2.TaskError(type="CORRUPT_IMAGE", message="no")),
            InvalidPhoto,
        ),
        (task("CANCELLED"), TaskCancelled),
    ],
    ids=["failure", "cancelled"],
)
def test_a_task_without_a_drawing_is_an_error(
    end: task_pb2.Task, expected: type[Exception]
) -> None:
    with pytest.raises(expected):
        played(FLOWS.draw(ORDER, lookup=False), [PENDING, "stream", end])


def test_what_was_erased_by_a_call_whose_answer_was_lost_is_erased() -> None:
    played(FLOWS.delete("t"), [AWAY, NotFound("gone")])

    with pytest.raises(NotFound):
        played(FLOWS.delete("t"), [NotFound("never there")])


def test_every_page_is_asked_for_when_it_is_wanted() -> None:
    line = task_pb2.TaskSummary(task_id="t", status="SUCCESS")
    pages = [
        cache_pb2.ListTasksResponse(tasks=[line], next_page_token="2"),  # noqa: S106 - none
        cache_pb2.ListTasksResponse(tasks=[line]),
    ]

    asked, _ = played(FLOWS.tasks(), pages)

    assert asked == ["ListTasks", "tell SUCCESS", "ListTasks", "tell SUCCESS"]
