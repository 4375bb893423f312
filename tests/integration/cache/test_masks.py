"""A read mask: of a result no more comes along, nor is read, than is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from integration.cache import calls
from integration.cache.house import PATIENCE

from facesvg.v1 import cache_pb2 as pb
from facesvg.v1 import mask_pb2, task_pb2

if TYPE_CHECKING:
    from integration.cache.house import House

pytestmark = pytest.mark.integration

DRAWING = mask_pb2.Drawing(
    regions_detected=1,
    width=640,
    regions=[mask_pb2.Region(name="nose", rings=[mask_pb2.Ring(points=[mask_pb2.Point(x=1)])])],
)
LARGE = calls.noise(2 * 2**20 + 1)
DAMAGE = "UPDATE task_results SET drawing = '\\xff'"

Ask: TypeAlias = Callable[[Any, str, list[str]], task_pb2.Task]


def status(stub: Any, task_id: str, paths: list[str]) -> task_pb2.Task:
    request = pb.GetTaskRequest(task_id=task_id, with_result=True, read_mask=FieldMask(paths=paths))
    task: task_pb2.Task = stub.GetTask(request).task
    return task


def watch(stub: Any, task_id: str, paths: list[str]) -> task_pb2.Task:
    request = pb.WatchTaskRequest(
        task_id=task_id, with_result=True, read_mask=FieldMask(paths=paths)
    )
    *_, last = stub.WatchTask(request)
    task: task_pb2.Task = last.task
    return task


BOTH = pytest.mark.parametrize("ask", [status, watch])


def drawn(house: House, svg: bytes = calls.SVG) -> str:
    task_id = calls.begun(house.stub)
    token = calls.leased(house.stub, task_id)
    house.stub.CompleteTask(calls.completion(task_id, token, svg, DRAWING))
    return task_id


@BOTH
def test_who_wants_the_svg_gets_no_regions(house: House, ask: Ask) -> None:
    task_id = drawn(house)

    task = ask(house.stub, task_id, ["status", "result.svg"])

    assert task.result == mask_pb2.Drawing(svg=calls.SVG)


@BOTH
def test_who_wants_the_svg_is_not_kept_from_it_by_what_else_is_stored(
    house: House, ask: Ask
) -> None:
    task_id = drawn(house)
    house.sql(DAMAGE)

    task = ask(house.stub, task_id, ["result.svg", "result.cache_hits"])

    assert task.result.svg == calls.SVG


@BOTH
def test_who_wants_the_regions_gets_no_svg(house: House, ask: Ask) -> None:
    task_id = drawn(house)

    task = ask(house.stub, task_id, ["result.regions"])

    assert task.result == mask_pb2.Drawing(regions=DRAWING.regions)


@BOTH
def test_who_wants_nothing_of_the_result_gets_all_else(house: House, ask: Ask) -> None:
    task_id = drawn(house)

    task = ask(house.stub, task_id, ["status"])

    whole = ask(house.stub, task_id, [])
    whole.ClearField("result")
    assert task == whole
    assert task.svg_url


@BOTH
@pytest.mark.parametrize("paths", [["*"], ["result"], ["result", "result.svg"]])
def test_all_of_the_result_is_what_comes_without_a_mask(
    house: House, ask: Ask, paths: list[str]
) -> None:
    task_id = drawn(house)

    assert ask(house.stub, task_id, paths) == ask(house.stub, task_id, [])


@BOTH
def test_a_large_svg_stays_behind_whoever_wants_it(house: House, ask: Ask) -> None:
    task_id = drawn(house, LARGE)

    task = ask(house.stub, task_id, ["result.svg"])

    assert task.HasField("result")
    assert task.result == mask_pb2.Drawing()


@BOTH
def test_a_failure_is_told_whatever_the_mask(house: House, ask: Ask) -> None:
    task_id = calls.begun(house.stub)
    token = calls.leased(house.stub, task_id)
    house.stub.FailTask(calls.failing(task_id, token, deterministic=True))

    task = ask(house.stub, task_id, ["result.svg"])

    assert (task.status, task.error.type) == ("FAILURE", "NO_FACE")
    assert not task.HasField("result")


def test_every_change_is_told_whatever_the_mask(house: House) -> None:
    task_id = calls.begun(house.stub)
    request = pb.WatchTaskRequest(
        task_id=task_id, with_result=True, read_mask=FieldMask(paths=["task_id"])
    )
    records = house.stub.WatchTask(request, timeout=PATIENCE)
    told = [next(records).task]

    token = calls.leased(house.stub, task_id)
    told.append(next(records).task)
    house.stub.ReportProgress(calls.advancing(task_id, token, "trace_map", 40))
    told.append(next(records).task)
    house.stub.CompleteTask(calls.completion(task_id, token))
    told += [message.task for message in records]

    assert [task.status for task in told] == ["PENDING", "PROGRESS", "PROGRESS", "SUCCESS"]
    assert told[2].step == "trace_map"
