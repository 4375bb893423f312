"""Who wants to know of a task's end: kept with the submission, due when it ends, whatever dies."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from integration.cache import calls
from integration.cache.calls import FOLLOWER, HIT, Photo

from facesvg.v1 import cache_pb2 as pb
from facesvg.v1 import mask_pb2

if TYPE_CHECKING:
    from collections.abc import Callable

    from integration.cache.house import House

    from facesvg.v1 import task_pb2

pytestmark = pytest.mark.integration

URL = "https://example.com/hook?token=secret"
MINUTE = 60_000


def photo(url: str = URL, image: bytes = b"") -> Photo:
    options = mask_pb2.DrawOptions(callback_url=url) if url else mask_pb2.DrawOptions()
    return Photo(image or uuid.uuid4().bytes, options=options)


def take(house: House, *, lease_ms: int = MINUTE) -> list[pb.DueDelivery]:
    request = pb.TakeDeliveriesRequest()
    request.lease.FromMilliseconds(lease_ms)
    return list(house.stub.TakeDeliveries(request).deliveries)


def report(house: House, due: pb.DueDelivery, *, again_ms: int | None = None, **more: Any) -> None:
    request = pb.ReportDeliveryRequest(delivery_id=due.delivery_id, attempt=due.attempt, **more)
    if again_ms is not None:
        request.retry_after.FromMilliseconds(again_ms)
    house.stub.ReportDelivery(request)


def told(house: House, task_id: str) -> task_pb2.Delivery:
    [delivery] = calls.got(house.stub, task_id).deliveries
    return delivery


def completed(house: House, which: Photo) -> str:
    return calls.completed(house.stub, which)


def failed(house: House, which: Photo) -> str:
    task_id = calls.begun(house.stub, which)
    token = calls.leased(house.stub, task_id)
    house.stub.FailTask(calls.failing(task_id, token, deterministic=True))
    return task_id


def cancelled(house: House, which: Photo) -> str:
    task_id = calls.begun(house.stub, which)
    house.stub.CancelTask(pb.CancelTaskRequest(task_id=task_id))
    return task_id


def left(house: House, which: Photo) -> str:
    task_id = calls.begun(house.stub, which)
    house.stub.LeaveTask(pb.LeaveTaskRequest(task_id=task_id))
    return task_id


def given_up(house: House, which: Photo) -> str:
    task_id = calls.begun(house.stub, which)
    house.sql("UPDATE task_results SET attempt = 3")
    assert calls.opened(house.stub, task_id)[0].outcome == calls.FINAL
    return task_id


@pytest.mark.parametrize(
    ("end", "kind", "error"),
    [
        (completed, "task.success", ""),
        (failed, "task.failure", "NO_FACE"),
        (given_up, "task.failure", "TOO_MANY_ATTEMPTS"),
        (cancelled, "task.cancelled", ""),
        (left, "task.cancelled", ""),
    ],
)
def test_a_task_is_told_of_however_it_ends(
    house: House, end: Callable[[House, Photo], str], kind: str, error: str
) -> None:
    task_id = end(house, photo())

    [due] = take(house)

    task = calls.got(house.stub, task_id)
    assert (due.callback_url, due.attempt, due.event.type) == (URL, 1, kind)
    data = due.event.data
    assert (data.task_id, data.status, data.error.type) == (task_id, task.status, error)
    assert data.input_hash == task.input_hash
    assert data.submitted_at == task.submitted_at
    assert data.completed_at == due.event.timestamp == task.completed_at
    assert data.status_url == f"/api/v1/frontal/crop/status/{task_id}"
    assert data.svg_url == task.svg_url
    assert data.regions_detected == (1 if kind == "task.success" else 0)


def test_nothing_is_told_before_the_end(house: House) -> None:
    task_id = calls.begun(house.stub, photo())
    calls.leased(house.stub, task_id)

    assert take(house) == []
    delivery = told(house, task_id)
    assert (delivery.state, delivery.host, delivery.attempts) == ("WAITING", "example.com", 0)
    assert not delivery.HasField("next_attempt_at")


def test_a_hit_is_told_of_at_once(house: House) -> None:
    image = uuid.uuid4().bytes
    task_id = calls.completed(house.stub, photo("", image))

    found = calls.find(house.stub, photo(image=image))
    begun = calls.begin(house.stub, photo("https://other.example/", image))

    assert found is not None
    assert (begun.outcome, begun.task.task_id) == (HIT, task_id)
    assert {due.callback_url for due in take(house)} == {URL, "https://other.example/"}


def test_a_lookup_that_finds_nothing_keeps_nothing(house: House) -> None:
    assert calls.find(house.stub, photo()) is None
    assert house.value("SELECT count(*) FROM deliveries") == 0


def test_the_url_is_no_part_of_the_key_and_of_no_record(house: House) -> None:
    image = uuid.uuid4().bytes
    task_id = calls.begun(house.stub, photo(image=image))

    follower = calls.begin(house.stub, photo("", image))

    assert (follower.outcome, follower.task.task_id) == (FOLLOWER, task_id)
    assert "secret" not in str(house.sql("SELECT task_results::text FROM task_results"))
    assert "secret" not in str(calls.got(house.stub, task_id))


def test_every_url_is_told_once_however_often_it_is_submitted_before_that(house: House) -> None:
    image = uuid.uuid4().bytes
    task_id = calls.begun(house.stub, photo(image=image))
    calls.begin(house.stub, photo(image=image))
    calls.begin(house.stub, photo("https://other.example/", image))

    house.stub.CompleteTask(calls.completion(task_id, calls.leased(house.stub, task_id)))

    assert sorted(due.callback_url for due in take(house)) == [URL, "https://other.example/"]


def test_a_url_that_was_told_is_told_anew_of_a_later_submission(house: House) -> None:
    image = uuid.uuid4().bytes
    task_id = completed(house, photo(image=image))
    [first] = take(house)
    report(house, first, delivered=True, http_status=204)

    calls.find(house.stub, photo(image=image))

    [second] = take(house)
    assert second.delivery_id != first.delivery_id
    assert (second.attempt, second.event) == (1, first.event)
    assert told(house, task_id).delivery_id == second.delivery_id


def test_what_is_sent_again_under_its_key_is_told_once(house: House) -> None:
    which = photo()
    request = pb.FindResultRequest(key=which.key, idempotency_key="mine")
    calls.completed(house.stub, photo("", which.image))
    for _ in range(2):
        house.stub.FindResult(request)
        for due in take(house):
            report(house, due, delivered=True)

    assert house.value("SELECT count(*) FROM deliveries") == 1
    assert house.value("SELECT attempts FROM deliveries") == 1


def test_a_message_is_one_takers_until_its_lease_is_over(house: House) -> None:
    completed(house, photo())

    [first] = take(house, lease_ms=MINUTE)
    assert take(house) == []
    house.sql("UPDATE deliveries SET due_at = now()")
    [second] = take(house)

    assert (first.attempt, second.attempt) == (1, 2)
    assert (first.delivery_id, first.event) == (second.delivery_id, second.event)


def test_a_taker_that_was_too_slow_changes_nothing(house: House) -> None:
    task_id = completed(house, photo())
    [slow] = take(house)
    house.sql("UPDATE deliveries SET due_at = now()")
    [quick] = take(house)
    report(house, quick, delivered=True, http_status=200)

    report(house, slow, http_status=500, error="answered 500")

    delivery = told(house, task_id)
    assert (delivery.state, delivery.http_status, delivery.error) == ("DELIVERED", 200, "")
    assert delivery.HasField("ended_at")
    assert take(house) == []


def test_a_message_that_was_not_taken_comes_again_when_its_time_has_come(house: House) -> None:
    task_id = completed(house, photo())
    [due] = take(house)

    report(house, due, http_status=500, error="answered 500", again_ms=MINUTE)

    delivery = told(house, task_id)
    assert (delivery.state, delivery.attempts, delivery.http_status) == ("PENDING", 1, 500)
    assert delivery.error == "answered 500"
    assert delivery.next_attempt_at.seconds > due.event.timestamp.seconds + 30
    assert take(house) == []
    house.sql("UPDATE deliveries SET due_at = now()")
    assert [again.attempt for again in take(house)] == [2]


def test_a_message_that_is_given_up_is_left(house: House) -> None:
    task_id = completed(house, photo())
    [due] = take(house)

    report(house, due, error="no answer within 10 seconds")

    delivery = told(house, task_id)
    assert (delivery.state, delivery.HasField("http_status")) == ("FAILED", False)
    assert take(house) == []


def test_erasing_a_task_erases_what_is_to_be_told_of_it(house: House) -> None:
    task_id = completed(house, photo())
    [due] = take(house)

    house.stub.DeleteTask(pb.DeleteTaskRequest(task_id=task_id))
    report(house, due, delivered=True)

    assert house.value("SELECT count(*) FROM deliveries") == 0


def test_a_message_outlives_a_record_that_expires_and_goes_once_it_is_told(house: House) -> None:
    failed(house, photo())
    house.sql("UPDATE task_results SET ttl_expires_at = now()")
    house.stub.Cleanup(pb.CleanupRequest())
    assert house.value("SELECT count(*) FROM task_results") == 0

    [due] = take(house)
    assert due.event.data.error.type == "NO_FACE"
    report(house, due, delivered=True)

    house.stub.Cleanup(pb.CleanupRequest())
    assert house.value("SELECT count(*) FROM deliveries") == 0


def test_a_message_that_nobody_sends_goes_in_the_end(house: House) -> None:
    completed(house, photo())
    house.sql("UPDATE task_results SET ttl_expires_at = now()")
    house.sql("UPDATE deliveries SET created_at = now() - interval '8 days'")

    house.stub.Cleanup(pb.CleanupRequest())

    assert house.value("SELECT count(*) FROM deliveries") == 0


def test_who_tells_nobody_leaves_no_trace(house: House) -> None:
    task_id = completed(house, photo(""))

    assert house.value("SELECT count(*) FROM deliveries") == 0
    assert list(calls.got(house.stub, task_id).deliveries) == []


@pytest.mark.parametrize("url", ["example.com", "https://exa mple.com", "https://" + "x" * 2041])
def test_a_url_that_cannot_be_is_refused(house: House, url: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        calls.begin(house.stub, photo(url))

    assert calls.refusal(caught.value) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_OPTION")
