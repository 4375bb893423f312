"""FindResult: what answers a key, and for how long."""

from __future__ import annotations

from queue import SimpleQueue
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

REFUSED = (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


def test_nothing_is_found_before_it_is_drawn(house: House) -> None:
    photo = Photo()

    assert calls.find(house.stub, photo) is None
    task_id = calls.begun(house.stub, photo)
    assert calls.find(house.stub, photo) is None
    calls.leased(house.stub, task_id)
    assert calls.find(house.stub, photo) is None


def test_a_drawing_is_found_without_its_result(house: House) -> None:
    photo = Photo()
    task_id = calls.completed(house.stub, photo)

    found = calls.find(house.stub, photo)

    assert found is not None
    assert (found.task_id, found.status) == (task_id, "SUCCESS")
    assert not found.HasField("result")


def test_a_drawing_is_found_by_its_hash(house: House) -> None:
    photo = Photo()
    task_id = calls.completed(house.stub, photo)
    input_hash = calls.got(house.stub, task_id).input_hash

    found = house.stub.FindResult(pb.FindResultRequest(input_hash=input_hash.upper()))

    assert found.input_hash == input_hash
    assert found.task.task_id == task_id


def test_spelling_out_defaults_changes_nothing(house: House) -> None:
    photo = Photo()
    calls.completed(house.stub, photo)
    spelled = mask_pb2.DrawOptions(preset="zones27", region_opacity=0.7, stroke_width=2)

    found = calls.find(house.stub, Photo(image=photo.image, options=spelled))

    assert found is not None


def test_a_tenant_finds_only_its_own(house: House) -> None:
    photo = Photo()
    calls.completed(house.stub, photo)
    key = photo.key
    key.tenant = "another"

    assert not house.stub.FindResult(pb.FindResultRequest(key=key)).HasField("task")


def test_what_expired_is_not_found(house: House) -> None:
    photo = Photo()
    calls.completed(house.stub, photo)
    house.sql("UPDATE task_results SET ttl_expires_at = now()")

    assert calls.find(house.stub, photo) is None


def test_a_failure_that_will_come_again_is_found_until_it_expires(house: House) -> None:
    photo = Photo()
    task_id = calls.begun(house.stub, photo)
    token = calls.leased(house.stub, task_id)
    house.stub.FailTask(calls.failing(task_id, token, deterministic=True))

    found = calls.find(house.stub, photo)

    assert found is not None
    assert found.error.type == "NO_FACE"
    house.sql("UPDATE task_results SET ttl_expires_at = now()")
    assert calls.find(house.stub, photo) is None


def test_a_failure_that_may_not_come_again_is_not_found(house: House) -> None:
    photo = Photo()
    task_id = calls.begun(house.stub, photo)
    token = calls.leased(house.stub, task_id)
    house.stub.FailTask(calls.failing(task_id, token, deterministic=False))

    assert calls.find(house.stub, photo) is None


def answers(house: House, *asked: pb.FindResultRequest) -> list[pb.FindResultResponse]:
    """Return what questions in one message are answered."""
    message = pb.FindResultsRequest(requests=asked)
    return list(next(house.stub.FindResults(iter([message]))).responses)


def test_many_questions_are_answered_as_each_would_be_alone(house: House) -> None:
    drawn, failing, expired, unknown = (Photo() for _ in range(4))
    calls.completed(house.stub, drawn)
    task_id = calls.begun(house.stub, failing)
    token = calls.leased(house.stub, task_id)
    house.stub.FailTask(calls.failing(task_id, token, deterministic=True))
    past = calls.completed(house.stub, expired)
    house.sql("UPDATE task_results SET ttl_expires_at = now() WHERE task_id = %s", past)
    keys = [photo.key for photo in (drawn, unknown, failing, expired, drawn)]
    keys[-1].tenant = "another"
    asked = [pb.FindResultRequest(key=key) for key in keys]
    asked.append(pb.FindResultRequest(input_hash=calls.got(house.stub, past).input_hash))
    asked.append(asked[0])

    found = answers(house, *asked)

    assert [answer.HasField("task") for answer in found] == [
        *(True, False, True, False, False, False, True)
    ]
    for answer, question in zip(found, asked, strict=True):
        alone = house.stub.FindResult(question)
        assert (answer.input_hash, answer.task) == (alone.input_hash, alone.task)
        assert (answer.good_for_ms > 0) == (alone.good_for_ms > 0)


def test_one_stream_answers_as_long_as_it_is_asked(house: House) -> None:
    photo = Photo()
    key = pb.FindResultRequest(key=photo.key)
    asked: SimpleQueue[pb.FindResultsRequest | None] = SimpleQueue()
    stream = house.stub.FindResults(iter(asked.get, None))
    asked.put(pb.FindResultsRequest(requests=[key]))
    before = next(stream)
    calls.completed(house.stub, photo)
    asked.put(pb.FindResultsRequest(requests=[key]))
    after = next(stream)
    asked.put(None)

    assert list(stream) == []
    assert [answer.responses[0].HasField("task") for answer in (before, after)] == [False, True]


@pytest.mark.parametrize(
    "wrong",
    [
        pb.FindResultRequest(input_hash="17"),
        pb.FindResultRequest(key=Photo().key, idempotency_key="a name"),
        pb.FindResultRequest(
            key=Photo(options=mask_pb2.DrawOptions(callback_url="https://a.example/")).key
        ),
    ],
    ids=["hash", "named", "to be told"],
)
def test_a_question_for_a_call_of_its_own_ends_the_stream(
    house: House, wrong: pb.FindResultRequest
) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        answers(house, pb.FindResultRequest(key=Photo().key), wrong)

    assert calls.refusal(refused.value) == REFUSED


def test_many_questions_count_their_hits(house: House) -> None:
    photo = Photo()
    task_id = calls.completed(house.stub, photo)
    answers(house, *[pb.FindResultRequest(key=photo.key)] * 3)

    house.flush_hits()

    assert calls.got(house.stub, task_id, with_result=True).result.cache_hits == 3


def test_hits_are_counted(house: House) -> None:
    photo = Photo()
    task_id = calls.completed(house.stub, photo)
    for _ in range(3):
        calls.find(house.stub, photo)
    calls.begin(house.stub, photo)

    house.flush_hits()

    assert calls.got(house.stub, task_id, with_result=True).result.cache_hits == 4


def test_hits_are_written_when_the_cache_stops(house_with: Callable[..., House]) -> None:
    photo = Photo()
    leaving, staying = house_with(), house_with()
    calls.completed(leaving.stub, photo)
    calls.find(leaving.stub, photo)

    leaving.run(leaving.cache.hits.flush())

    assert staying.value("SELECT cache_hits FROM task_results") == 1


def test_hits_outlive_an_absence_of_postgres(house: House) -> None:
    photo = Photo()
    calls.completed(house.stub, photo)
    calls.find(house.stub, photo)
    with house.postgres_away(), pytest.raises(Exception, match="postgres does not answer"):
        house.flush_hits()

    house.flush_hits()

    assert house.value("SELECT cache_hits FROM task_results") == 1


@pytest.mark.parametrize("wrong", ["", "abc", "g" * 64, "a" * 63 + "é"])
def test_a_hash_that_is_none_is_refused(house: House, wrong: str) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        house.stub.FindResult(pb.FindResultRequest(input_hash=wrong))

    assert calls.refusal(refused.value) == REFUSED


def test_a_digest_of_another_length_is_refused(house: House) -> None:
    key = Photo().key
    key.image_sha256 = b"short"

    with pytest.raises(grpc.RpcError) as refused:
        house.stub.FindResult(pb.FindResultRequest(key=key))

    assert calls.info(refused.value).metadata["field"] == "image_sha256"


def test_a_wrong_option_is_refused(house: House) -> None:
    photo = Photo(options=mask_pb2.DrawOptions(trace="wavy"))

    with pytest.raises(grpc.RpcError) as refused:
        calls.find(house.stub, photo)

    assert calls.refusal(refused.value) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_OPTION")
