"""Idempotency keys: what is sent again under one is the same task, whatever became of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import grpc
import pytest
from integration.cache import calls
from integration.cache.calls import FOLLOWER, HIT, OWNER, Photo

from facesvg.v1 import cache_pb2 as pb
from facesvg.v1 import mask_pb2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from integration.cache.house import House

    from facesvg.v1 import task_pb2

pytestmark = pytest.mark.integration

AT_ONCE = 50
REUSED = (grpc.StatusCode.ALREADY_EXISTS, "IDEMPOTENCY_KEY_REUSED")


def messages(photo: Photo, key: str, task_id: str, tenant: str) -> Iterator[pb.BeginTaskRequest]:
    for message in photo.messages(task_id):
        if message.HasField("header"):
            message.header.idempotency_key = key
            message.header.key.tenant = tenant
        yield message


def begin(
    house: House, photo: Photo, key: str = "mine", task_id: str = "", tenant: str = ""
) -> pb.BeginTaskResponse:
    return house.stub.BeginTask(messages(photo, key, task_id or calls.new_id(), tenant))


def find(house: House, photo: Photo, key: str = "mine") -> task_pb2.Task | None:
    answer = house.stub.FindResult(pb.FindResultRequest(key=photo.key, idempotency_key=key))
    return answer.task if answer.HasField("task") else None


def fail(house: House, task_id: str) -> None:
    token = calls.leased(house.stub, task_id)
    house.stub.FailTask(calls.failing(task_id, token, deterministic=False, type_="INTERNAL"))


def test_the_same_again_is_the_same_task_while_it_is_under_way(house: House) -> None:
    photo = Photo()
    first = begin(house, photo)

    again = begin(house, photo)
    looked_up = find(house, photo)

    assert (first.outcome, again.outcome) == (OWNER, FOLLOWER)
    assert again.task.task_id == first.task.task_id
    assert looked_up is not None
    assert (looked_up.task_id, looked_up.status) == (first.task.task_id, "PENDING")


def test_the_same_again_is_the_same_task_when_it_failed_by_no_fault_of_the_photo(
    house: House,
) -> None:
    photo = Photo()
    task_id = begin(house, photo).task.task_id
    fail(house, task_id)

    again, looked_up = begin(house, photo), find(house, photo)

    assert (again.outcome, again.task.task_id, again.task.status) == (HIT, task_id, "FAILURE")
    assert looked_up is not None
    assert looked_up.task_id == task_id
    assert calls.begin(house.stub, photo).outcome == OWNER, "without the key it is begun anew"


def test_the_same_again_is_the_same_task_when_it_was_cancelled(house: House) -> None:
    photo = Photo()
    task_id = begin(house, photo).task.task_id
    house.stub.CancelTask(pb.CancelTaskRequest(task_id=task_id))

    again = begin(house, photo)

    assert (again.task.task_id, again.task.status) == (task_id, "CANCELLED")


def test_a_call_that_its_own_caller_repeats_stays_the_owners(house: House) -> None:
    photo, task_id = Photo(), calls.new_id()

    outcomes = [begin(house, photo, task_id=task_id).outcome for _ in range(2)]

    assert outcomes == [OWNER, OWNER]


def test_a_hit_is_kept_under_its_key_too(house: House) -> None:
    photo = Photo()
    task_id = calls.completed(house.stub, photo)

    found = find(house, photo)

    assert found is not None
    assert found.task_id == task_id
    assert house.sql("SELECT key, task_id::text FROM repeat_keys") == [("mine", task_id)]


@pytest.mark.parametrize(
    "other",
    [
        lambda photo: Photo(landmarks=photo.landmarks),
        lambda photo: Photo(photo.image, b"[[1, 2], [3, 5]]"),
        lambda photo: Photo(photo.image, options=mask_pb2.DrawOptions(trace="exact")),
        lambda photo: Photo(photo.image, options=mask_pb2.DrawOptions(similarity=3)),
    ],
    ids=["photo", "landmarks", "option", "option outside the cache's key"],
)
def test_another_submission_under_the_key_is_refused_and_nothing_of_it_kept(
    house: House, other: Callable[[Photo], Photo]
) -> None:
    photo = Photo()
    begin(house, photo)
    another = other(photo)

    for attempt in (begin, find):
        with pytest.raises(grpc.RpcError) as caught:
            attempt(house, another)
        assert calls.refusal(caught.value) == REUSED
        assert calls.info(caught.value).metadata["idempotency_key"] == "mine"
    assert house.value("SELECT count(*) FROM task_results") == 1


def test_a_default_spelt_out_is_no_other_submission(house: House) -> None:
    photo = Photo()
    spelt = Photo(photo.image, options=mask_pb2.DrawOptions(trace="smooth", similarity=0))

    assert begin(house, photo).task.task_id == begin(house, spelt).task.task_id


def test_any_number_at_once_under_one_key_are_one_task(house: House) -> None:
    photo = Photo()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: begin(house, photo), range(AT_ONCE)))

    assert len({answer.task.task_id for answer in answers}) == 1
    assert [answer.outcome for answer in answers].count(OWNER) == 1


def test_of_any_number_of_photos_at_once_under_one_key_one_is_begun(house: House) -> None:
    def attempt(photo: Photo) -> object:
        try:
            return begin(house, photo).task.task_id
        except grpc.RpcError as error:
            return calls.refusal(error)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(attempt, [Photo() for _ in range(AT_ONCE)]))

    assert answers.count(REUSED) == AT_ONCE - 1
    assert house.value("SELECT count(*) FROM task_results") == 1


def test_another_tenants_key_is_another_key(house: House) -> None:
    first = begin(house, Photo(), tenant="ana")
    other = begin(house, Photo(), tenant="bea")

    assert (first.outcome, other.outcome) == (OWNER, OWNER)


def test_a_key_ends_with_its_task(house: House) -> None:
    photo = Photo()
    task_id = begin(house, photo).task.task_id
    house.stub.DeleteTask(pb.DeleteTaskRequest(task_id=task_id))

    again = begin(house, photo)

    assert again.outcome == OWNER
    assert again.task.task_id != task_id


def test_a_key_whose_time_is_over_is_free_and_is_swept(house: House) -> None:
    begin(house, Photo())
    house.sql("UPDATE repeat_keys SET expires_at = now()")

    assert begin(house, Photo()).outcome == OWNER

    house.sql("UPDATE repeat_keys SET expires_at = now()")
    house.stub.Cleanup(pb.CleanupRequest())
    assert house.value("SELECT count(*) FROM repeat_keys") == 0


def test_a_task_whose_time_is_over_is_no_answer(house: House) -> None:
    photo = Photo()
    task_id = begin(house, photo).task.task_id
    fail(house, task_id)
    house.sql("UPDATE task_results SET ttl_expires_at = now()")

    assert find(house, photo) is None
    assert begin(house, photo).outcome == OWNER


def test_who_has_no_key_leaves_no_trace(house: House) -> None:
    calls.completed(house.stub, photo := Photo())
    calls.find(house.stub, photo)

    assert house.value("SELECT count(*) FROM repeat_keys") == 0


@pytest.mark.parametrize("key", ["two words", "x" * 256])
def test_a_key_that_cannot_be_is_refused(house: House, key: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        find(house, Photo(), key)

    assert calls.refusal(caught.value) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")
