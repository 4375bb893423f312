"""Stored bytes: whole or not at all, never longer than wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
import pytest
from integration.cache import calls
from integration.cache.calls import Photo

from facesvg.v1 import cache_pb2 as pb
from facesvg.v1 import mask_pb2

if TYPE_CHECKING:
    from collections.abc import Callable

    from integration.cache.house import House

pytestmark = pytest.mark.integration

LOSS = (grpc.StatusCode.DATA_LOSS, "DATA_LOSS")
NOT_FOUND = (grpc.StatusCode.NOT_FOUND, "TASK_NOT_FOUND")
NOT_FINISHED = (grpc.StatusCode.FAILED_PRECONDITION, "TASK_NOT_FINISHED")

LARGE = calls.noise(3 * 1024 * 1024)
MIDDLE = calls.noise(1024 * 1024)

DAMAGES = {
    "a byte": "UPDATE blob_chunks SET data = set_byte(data, 7, get_byte(data, 7) # 1)",
    "a row": "DELETE FROM blob_chunks WHERE seq = 1",
    "all rows": "DELETE FROM blob_chunks",
    "the order": "UPDATE blob_chunks SET seq = seq + 100 WHERE seq = 0",
}


HELD = """
SELECT (SELECT count(*) FROM blob_chunks)
    + (SELECT count(*) FROM task_results WHERE input_data IS NOT NULL)
"""

# As a version stored them that knew no inputs in the row.
MOVE_OUT = """
WITH kept AS (
    SELECT task_id, part, digest, data
    FROM task_results, unnest(input_parts, input_digests, input_data) AS kept (part, digest, data)
), blob AS (
    INSERT INTO blobs (digest, size) SELECT digest, length(data) FROM kept
), chunk AS (
    INSERT INTO blob_chunks SELECT digest, 0, data FROM kept
), input AS (
    INSERT INTO task_inputs SELECT task_id, part, digest FROM kept
)
UPDATE task_results
SET input_parts = NULL, input_digests = NULL, input_data = NULL, input_size = 0
"""

few_or_many = pytest.mark.parametrize("image", [b"few bytes", LARGE], ids=["few", "many"])


def held_bytes(house: House) -> int:
    found: int = house.value(HELD)
    return found


@pytest.mark.parametrize("svg", [calls.SVG, MIDDLE, LARGE], ids=["small", "middle", "large"])
def test_an_svg_is_read_as_it_was_written(house: House, svg: bytes) -> None:
    task_id = calls.completed(house.stub, svg=svg)

    assert calls.read_svg(house.stub, task_id) == svg


def test_a_record_carries_an_svg_of_up_to_two_mib(house: House) -> None:
    middle, large = (calls.completed(house.stub, svg=svg) for svg in (MIDDLE, LARGE))

    assert calls.got(house.stub, middle, with_result=True).result.svg == MIDDLE
    task = calls.got(house.stub, large, with_result=True)
    assert task.HasField("result")
    assert task.result.svg == b""
    assert task.svg_url


def test_there_is_no_svg_before_the_end(house: House) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        calls.read_svg(house.stub, calls.begun(house.stub))

    assert calls.refusal(refused.value) == NOT_FINISHED
    assert calls.info(refused.value).metadata["status"] == "PENDING"


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_svg_is_never_sent_and_is_dropped(house: House, damage: str) -> None:
    photo = Photo()
    task_id = calls.completed(house.stub, photo, LARGE)
    house.sql(damage)

    with pytest.raises(grpc.RpcError) as refused:
        next(house.stub.ReadSvg(pb.ReadSvgRequest(task_id=task_id)))

    assert calls.refusal(refused.value) == LOSS
    assert calls.find(house.stub, photo) is None
    assert held_bytes(house) == 0
    again = calls.completed(house.stub, photo, LARGE)
    assert calls.read_svg(house.stub, again) == LARGE


def test_a_damaged_small_svg_is_dropped(house: House) -> None:
    photo = Photo()
    task_id = calls.completed(house.stub, photo)
    house.sql("UPDATE task_results SET svg_data = 'not the drawing'")

    with pytest.raises(grpc.RpcError) as refused:
        calls.read_svg(house.stub, task_id)

    assert calls.refusal(refused.value) == LOSS
    assert calls.find(house.stub, photo) is None


def test_a_damaged_small_svg_does_not_come_with_the_record(house: House) -> None:
    photo = Photo()
    task_id = calls.completed(house.stub, photo)
    house.sql("UPDATE task_results SET svg_data = 'not the drawing'")

    with pytest.raises(grpc.RpcError) as refused:
        calls.got(house.stub, task_id, with_result=True)

    assert calls.refusal(refused.value) == LOSS
    again = calls.completed(house.stub, photo)
    assert calls.got(house.stub, again, with_result=True).result.svg == calls.SVG


def test_a_damaged_svg_does_not_come_with_the_record(house: House) -> None:
    task_id = calls.completed(house.stub, svg=MIDDLE)
    house.sql(DAMAGES["a byte"])

    with pytest.raises(grpc.RpcError) as refused:
        calls.got(house.stub, task_id, with_result=True)

    assert calls.refusal(refused.value) == LOSS


def test_a_damaged_svg_is_dropped_for_all_who_have_it(house: House) -> None:
    first, second = (calls.completed(house.stub, svg=LARGE) for _ in range(2))
    house.sql(DAMAGES["a byte"])

    with pytest.raises(grpc.RpcError):
        calls.read_svg(house.stub, first)

    with pytest.raises(grpc.RpcError) as refused:
        calls.read_svg(house.stub, second)
    assert calls.refusal(refused.value) == NOT_FOUND


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_inputs_are_never_sent_and_the_task_fails(house: House, damage: str) -> None:
    photo = Photo(image=LARGE)
    task_id = calls.begun(house.stub, photo)
    house.sql(damage)

    with pytest.raises(grpc.RpcError) as refused:
        next(house.stub.OpenTask(pb.OpenTaskRequest(task_id=task_id, worker="test")))

    assert calls.refusal(refused.value) == LOSS
    task = calls.got(house.stub, task_id)
    assert (task.status, task.error.type) == ("FAILURE", "DATA_LOSS")
    again = calls.begun(house.stub, photo)
    assert calls.opened(house.stub, again)[1] == photo.parts


def test_a_damaged_small_input_is_never_sent_and_the_task_fails(house: House) -> None:
    task_id = calls.begun(house.stub)
    house.sql("UPDATE task_results SET input_data[1] = 'not the photo'")

    with pytest.raises(grpc.RpcError) as refused:
        calls.opened(house.stub, task_id)

    assert calls.refusal(refused.value) == LOSS
    assert calls.got(house.stub, task_id).error.type == "DATA_LOSS"
    assert held_bytes(house) == 0


def test_inputs_that_an_earlier_version_stored_are_drawn(house: House) -> None:
    photo = Photo()
    task_id = calls.begun(house.stub, photo)
    house.sql(MOVE_OUT)

    header, inputs = calls.opened(house.stub, task_id)
    assert inputs == photo.parts
    house.stub.CompleteTask(calls.completion(task_id, header.lease_token))

    assert calls.find(house.stub, photo) is not None
    assert held_bytes(house) == 0


def test_damaged_inputs_fail_every_task_that_needs_them(house: House) -> None:
    first = calls.begun(house.stub, Photo(image=LARGE))
    other = calls.begun(house.stub, Photo(image=LARGE, options=mask_pb2.DrawOptions(trace="exact")))
    house.sql(DAMAGES["a row"])

    with pytest.raises(grpc.RpcError):
        calls.opened(house.stub, first)

    assert calls.got(house.stub, other).error.type == "DATA_LOSS"


@few_or_many
def test_inputs_are_erased_when_the_drawing_is_stored(house: House, image: bytes) -> None:
    calls.completed(house.stub, Photo(image=image))

    assert held_bytes(house) == 0
    assert house.value("SELECT count(*) FROM blobs") == 0


@few_or_many
def test_inputs_are_erased_when_the_task_fails_or_is_cancelled(house: House, image: bytes) -> None:
    failed = calls.begun(house.stub, Photo(image=image))
    cancelled = calls.begun(house.stub, Photo(image=image + b"of another"))

    token = calls.leased(house.stub, failed)
    house.stub.FailTask(calls.failing(failed, token, deterministic=True))
    house.stub.CancelTask(pb.CancelTaskRequest(task_id=cancelled))

    assert held_bytes(house) == 0


def test_inputs_that_another_task_needs_stay(house: House) -> None:
    photo = Photo(image=LARGE)
    other = Photo(image=LARGE, options=mask_pb2.DrawOptions(trace="exact"))
    waiting = calls.begun(house.stub, other)

    calls.completed(house.stub, photo)

    assert calls.opened(house.stub, waiting)[1] == other.parts


@few_or_many
def test_inputs_are_kept_as_long_as_is_asked(
    house_with: Callable[..., House], image: bytes
) -> None:
    house = house_with(INPUT_RETENTION_HOURS="2")
    calls.completed(house.stub, Photo(image=image))
    assert held_bytes(house) > 0

    house.sql("UPDATE task_results SET completed_at = completed_at - interval '3 hours'")
    house.stub.Cleanup(pb.CleanupRequest())

    assert held_bytes(house) == 0
    assert house.value("SELECT count(*) FROM task_results") == 1


def test_erasing_a_task_erases_its_bytes(house: House) -> None:
    drawn = calls.completed(house.stub, svg=LARGE)
    waiting = calls.begun(house.stub, Photo(image=LARGE))

    for task_id in (drawn, waiting):
        house.stub.DeleteTask(pb.DeleteTaskRequest(task_id=task_id))

    for table in ("task_results", "task_inputs", "blobs", "blob_chunks"):
        assert house.value(f"SELECT count(*) FROM {table}") == 0  # noqa: S608
    with pytest.raises(grpc.RpcError) as refused:
        house.stub.DeleteTask(pb.DeleteTaskRequest(task_id=drawn))
    assert calls.refusal(refused.value) == NOT_FOUND


def test_an_id_that_is_none_is_refused(house: House) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        calls.got(house.stub, "17")

    assert calls.refusal(refused.value) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")
    assert calls.info(refused.value).metadata.items() >= {
        ("field", "task_id"),
        ("value", "17"),
    }
