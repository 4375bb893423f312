"""BeginTask: one owner, whole uploads, nothing left of the others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING

import grpc
import pytest
from google.rpc import error_details_pb2
from integration.cache import calls
from integration.cache.calls import FOLLOWER, HIT, OWNER, Photo
from integration.cache.house import until

from facesvg.v1 import cache_pb2 as pb
from facesvg.v1 import mask_pb2, upload_pb2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from integration.cache.house import House

pytestmark = pytest.mark.integration

TABLES = ("task_results", "task_inputs", "blobs", "blob_chunks", "processing_metrics")


def counts(house: House) -> dict[str, int]:
    return {table: house.value(f"SELECT count(*) FROM {table}") for table in TABLES}  # noqa: S608


def test_a_new_key_has_an_owner_and_waits(house: House) -> None:
    photo = Photo()
    task_id = calls.new_id()

    answer = calls.begin(house.stub, photo, task_id)

    assert answer.outcome == OWNER
    assert answer.task.task_id == task_id
    assert answer.task.status == "PENDING"
    assert len(answer.task.input_hash) == 64
    assert not answer.task.HasField("completed_at")


def test_a_photo_that_is_known_need_not_come_along(house: House) -> None:
    photo, task_id = Photo(), calls.new_id()
    known = pb.PhotoHeader(format="png", width=640, height=480, orientation=1, bits=8, channels=3)
    header, *rest = photo.messages(task_id)
    header.header.photo.CopyFrom(known)
    del header.header.parts[0]
    following = [m for m in rest if not (m.HasField("chunk") and m.chunk.part == calls.IMAGE)]

    answer = house.stub.BeginTask(iter([header, *following]))

    assert answer.outcome == OWNER
    opened, inputs = calls.opened(house.stub, task_id)
    assert opened.photo == known
    assert inputs == {calls.LANDMARKS: photo.landmarks}


def test_a_photo_of_which_nothing_is_known_must_come_along(house: House) -> None:
    header, *rest = Photo().messages(calls.new_id())
    del header.header.parts[0]
    following = [m for m in rest if not (m.HasField("chunk") and m.chunk.part == calls.IMAGE)]

    with pytest.raises(grpc.RpcError) as refused:
        house.stub.BeginTask(iter([header, *following]))

    assert calls.refusal(refused.value)[0] == grpc.StatusCode.INVALID_ARGUMENT


def test_a_key_under_way_is_followed(house: House) -> None:
    photo = Photo()
    owner = calls.begun(house.stub, photo)

    answer = calls.begin(house.stub, photo)

    assert (answer.outcome, answer.task.task_id) == (FOLLOWER, owner)


def test_a_key_that_is_drawn_is_a_hit(house: House) -> None:
    photo = Photo()
    drawn = calls.completed(house.stub, photo)

    answer = calls.begin(house.stub, photo)

    assert (answer.outcome, answer.task.task_id) == (HIT, drawn)
    assert answer.task.status == "SUCCESS"


def test_the_owner_stays_the_owner_when_it_asks_again(house: House) -> None:
    photo = Photo()
    task_id = calls.new_id()
    calls.begin(house.stub, photo, task_id)

    answer = calls.begin(house.stub, photo, task_id)

    assert (answer.outcome, answer.task.task_id) == (OWNER, task_id)
    assert counts(house)["task_results"] == 1


def test_another_keys_task_id_is_refused(house: House) -> None:
    task_id = calls.begun(house.stub)

    with pytest.raises(grpc.RpcError) as refused:
        calls.begin(house.stub, Photo(), task_id)

    assert calls.refusal(refused.value) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT")


def test_of_fifty_at_once_one_is_the_owner(house: House) -> None:
    photo = Photo(image=calls.noise(600_000))
    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda _: calls.begin(house.stub, photo), range(50)))

    outcomes = [answer.outcome for answer in answers]
    assert outcomes.count(OWNER) == 1
    assert outcomes.count(FOLLOWER) == 49
    assert len({answer.task.task_id for answer in answers}) == 1
    assert counts(house) == {
        "task_results": 1,
        "task_inputs": 2,
        "blobs": 2,
        "blob_chunks": 4,
        "processing_metrics": 1,
    }


def test_the_same_photo_with_many_options_at_once_is_stored_once(house: House) -> None:
    image = calls.noise(600_000)
    photos = [Photo(image=image, options=mask_pb2.DrawOptions(min_area=n)) for n in range(1, 11)]
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda photo: calls.begin(house.stub, photo), photos))

    assert [answer.outcome for answer in answers] == [OWNER] * 10
    assert counts(house)["task_results"] == 10
    assert counts(house)["task_inputs"] == 20
    assert counts(house)["blobs"] == 2


@pytest.mark.parametrize("sent", range(6))  # header, three chunks, landmarks; no finish
def test_an_upload_cut_off_anywhere_leaves_nothing(house: House, sent: int) -> None:
    photo = Photo(image=calls.noise(600_000))

    with pytest.raises(grpc.RpcError) as refused:
        house.stub.BeginTask(islice(photo.messages(calls.new_id()), sent))

    assert calls.refusal(refused.value) == (grpc.StatusCode.INVALID_ARGUMENT, "TRUNCATED_UPLOAD")
    assert set(counts(house).values()) == {0}


def test_a_client_that_goes_away_leaves_nothing(house: House) -> None:
    photo = Photo(image=calls.noise(600_000))
    sent: list[int] = []

    def until_gone() -> Iterator[pb.BeginTaskRequest]:
        for message in islice(photo.messages(calls.new_id()), 3):
            yield message
            sent.append(1)
        call.cancel()

    call = house.stub.BeginTask.future(until_gone())
    until(call.done)

    again = calls.begin(house.stub, photo)
    assert again.outcome == OWNER
    assert counts(house)["task_results"] == 1


def test_bytes_other_than_declared_are_refused(house: House) -> None:
    photo = Photo()
    header = photo.header(calls.new_id())
    header.parts[1].sha256 = bytes(32)
    messages = list(photo.messages(""))
    messages[0] = pb.BeginTaskRequest(header=header)

    with pytest.raises(grpc.RpcError) as refused:
        house.stub.BeginTask(iter(messages))

    assert calls.refusal(refused.value) == (grpc.StatusCode.INVALID_ARGUMENT, "TRUNCATED_UPLOAD")
    assert set(counts(house).values()) == {0}


def test_an_image_of_another_key_is_refused(house: House) -> None:
    photo = Photo()
    header = photo.header(calls.new_id())
    header.key.image_sha256 = calls.sha256(b"another image")
    messages = list(photo.messages(""))
    messages[0] = pb.BeginTaskRequest(header=header)

    with pytest.raises(grpc.RpcError) as refused:
        house.stub.BeginTask(iter(messages))

    assert calls.info(refused.value).metadata["field"] == "image_sha256"


def test_a_part_that_is_not_declared_is_refused(house: House) -> None:
    photo = Photo()
    header = photo.header(calls.new_id())
    del header.parts[1]
    messages = list(photo.messages(""))
    messages[0] = pb.BeginTaskRequest(header=header)

    with pytest.raises(grpc.RpcError) as refused:
        house.stub.BeginTask(iter(messages))

    assert calls.info(refused.value).metadata["value"] == "landmarks"


def test_a_submission_without_landmarks_is_refused(house: House) -> None:
    photo = Photo()
    header = photo.header(calls.new_id())
    del header.parts[1]
    chunk = upload_pb2.Chunk(part=calls.IMAGE, data=photo.image)
    messages = [
        pb.BeginTaskRequest(header=header),
        pb.BeginTaskRequest(chunk=chunk),
        pb.BeginTaskRequest(finish=upload_pb2.Finish()),
    ]

    with pytest.raises(grpc.RpcError) as refused:
        house.stub.BeginTask(iter(messages))

    assert calls.refusal(refused.value) == (grpc.StatusCode.INVALID_ARGUMENT, "MISSING_PART")


def test_finish_alone_is_refused(house: House) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        house.stub.BeginTask(iter([pb.BeginTaskRequest(finish=upload_pb2.Finish())]))

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_full_queue_refuses_and_says_when_to_come_back(
    house_with: Callable[..., House],
) -> None:
    house = house_with(QUEUE_LIMIT="2")
    first = Photo()
    calls.begun(house.stub, first)
    calls.begun(house.stub)

    with pytest.raises(grpc.RpcError) as refused:
        calls.begin(house.stub, Photo())

    assert calls.refusal(refused.value) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "QUEUE_FULL")
    assert calls.info(refused.value).metadata["limit"] == "2"
    assert calls.detail(refused.value, error_details_pb2.RetryInfo).retry_delay.seconds > 0
    assert calls.begin(house.stub, first).outcome == FOLLOWER


def test_the_queue_depth_is_what_waits_before(house: House) -> None:
    photos = [Photo() for _ in range(3)]

    depths = [calls.begin(house.stub, photo).queue_depth for photo in photos]

    assert depths == [0, 1, 2]
    assert calls.begin(house.stub, photos[1]).queue_depth == 1


def test_a_cancelled_task_is_replaced(house: House) -> None:
    photo = Photo()
    house.stub.CancelTask(pb.CancelTaskRequest(task_id=calls.begun(house.stub, photo)))

    assert calls.begin(house.stub, photo).outcome == OWNER


def test_an_expired_drawing_is_replaced(house: House) -> None:
    photo = Photo()
    old = calls.completed(house.stub, photo)
    house.sql("UPDATE task_results SET ttl_expires_at = now()")

    assert calls.begin(house.stub, photo).outcome == OWNER
    assert house.value("SELECT count(*) FROM task_results WHERE task_id = %s", old) == 0


def test_a_failure_that_may_not_come_again_is_replaced(house: House) -> None:
    photo = Photo()
    task_id = calls.begun(house.stub, photo)
    token = calls.leased(house.stub, task_id)
    house.stub.FailTask(calls.failing(task_id, token, deterministic=False))

    assert calls.begin(house.stub, photo).outcome == OWNER


def test_a_failure_that_will_come_again_is_a_hit(house: House) -> None:
    photo = Photo()
    task_id = calls.begun(house.stub, photo)
    token = calls.leased(house.stub, task_id)
    house.stub.FailTask(calls.failing(task_id, token, deterministic=True))

    answer = calls.begin(house.stub, photo)

    assert answer.outcome == HIT
    assert answer.task.error.type == "NO_FACE"


def test_of_fifty_at_once_one_replaces_what_expired(house: House) -> None:
    photo = Photo()
    calls.completed(house.stub, photo)
    house.sql("UPDATE task_results SET ttl_expires_at = now()")
    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda _: calls.begin(house.stub, photo), range(50)))

    assert sorted(answer.outcome for answer in answers) == [OWNER] + [FOLLOWER] * 49
