"""OpenTask to CompleteTask: one worker at a time, at most three attempts, nothing twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import grpc
import pytest
from integration.cache import calls
from integration.cache.calls import FINAL, GRANTED, HELD, Photo
from integration.cache.house import until

from facesvg.v1 import cache_pb2 as pb
from facesvg.v1 import mask_pb2

if TYPE_CHECKING:
    from collections.abc import Callable

    from integration.cache.house import House

pytestmark = pytest.mark.integration

LOST = (grpc.StatusCode.FAILED_PRECONDITION, "LEASE_LOST")
CANCELLED = (grpc.StatusCode.FAILED_PRECONDITION, "TASK_CANCELLED")
NOT_FOUND = (grpc.StatusCode.NOT_FOUND, "TASK_NOT_FOUND")


def lapse(house: House, task_id: str) -> None:
    """Let a task's lease run out, by Postgres's clock."""
    house.sql("UPDATE task_results SET lease_until = now() WHERE task_id = %s", task_id)


def test_a_worker_gets_the_inputs_and_the_options(house: House) -> None:
    options = mask_pb2.DrawOptions(
        trace="exact", region_opacity=0.25, regions=["nose", "left_eye"], show_labels=True
    )
    photo = Photo(image=calls.noise(600_000), options=options)
    task_id = calls.begun(house.stub, photo)

    header, inputs = calls.opened(house.stub, task_id)

    assert header.outcome == GRANTED
    assert header.attempt == 1
    assert header.lease_token
    assert header.options == mask_pb2.DrawOptions(
        trace="exact", region_opacity=0.25, regions=["left_eye", "nose"], show_labels=True
    )
    assert inputs == photo.parts
    assert [part.size_bytes for part in header.parts] == [600_000, len(photo.landmarks)]
    task = calls.got(house.stub, task_id)
    assert (task.status, task.attempt) == ("PROGRESS", 1)
    assert task.HasField("started_at")


def test_an_unknown_task_is_not_found(house: House) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        calls.opened(house.stub, calls.new_id())

    assert calls.refusal(refused.value) == NOT_FOUND


def test_a_held_task_goes_to_nobody_else(house: House) -> None:
    task_id = calls.begun(house.stub)
    calls.leased(house.stub, task_id)

    header, inputs = calls.opened(house.stub, task_id)

    assert header.outcome == HELD
    assert not inputs
    assert not header.lease_token


def test_of_ten_workers_at_once_one_holds_the_task(house: House) -> None:
    task_id = calls.begun(house.stub)

    with ThreadPoolExecutor(10) as threads:
        answers = threads.map(lambda _: calls.opened(house.stub, task_id), range(10))

    assert sorted(header.outcome for header, _ in answers) == [GRANTED] + [HELD] * 9


def test_a_final_task_goes_to_nobody(house: House) -> None:
    header, _ = calls.opened(house.stub, calls.completed(house.stub))

    assert header.outcome == FINAL


def test_a_lapsed_task_goes_to_the_next_worker(house: House) -> None:
    task_id = calls.begun(house.stub)
    first = calls.leased(house.stub, task_id)
    lapse(house, task_id)

    header, _ = calls.opened(house.stub, task_id)

    assert (header.outcome, header.attempt) == (GRANTED, 2)
    with pytest.raises(grpc.RpcError) as refused:
        house.stub.ReportProgress(calls.advancing(task_id, first))
    assert calls.refusal(refused.value) == LOST
    with pytest.raises(grpc.RpcError) as refused:
        house.stub.CompleteTask(calls.completion(task_id, first))
    assert calls.refusal(refused.value) == LOST


def test_poison_stops_after_three_attempts(house: House) -> None:
    photo = Photo()
    task_id = calls.begun(house.stub, photo)
    for _ in range(3):
        calls.leased(house.stub, task_id)
        lapse(house, task_id)

    header, _ = calls.opened(house.stub, task_id)

    assert header.outcome == FINAL
    task = calls.got(house.stub, task_id)
    assert (task.status, task.error.type) == ("FAILURE", "TOO_MANY_ATTEMPTS")
    assert "3 times" in task.error.message
    again = calls.begin(house.stub, photo)
    assert (again.outcome, again.task.task_id) == (calls.HIT, task_id)


def test_poison_stops_also_when_nobody_opens_it_again(house: House) -> None:
    task_id = calls.begun(house.stub)
    for _ in range(3):
        calls.leased(house.stub, task_id)
        lapse(house, task_id)

    assert until(lambda: calls.got(house.stub, task_id).status == "FAILURE")


def test_progress_is_seen_and_renews_the_lease(house: House) -> None:
    task_id = calls.begun(house.stub)
    token = calls.leased(house.stub, task_id, lease=100)
    house.sql("UPDATE task_results SET lease_until = now() + interval '1 second'")

    house.stub.ReportProgress(calls.advancing(task_id, token, "trace_map", 40))

    task = calls.got(house.stub, task_id)
    assert (task.step, task.progress) == ("trace_map", 40)
    left = house.value("SELECT extract(epoch FROM lease_until - now())::float FROM task_results")
    assert 90 < left <= 100


def test_progress_beyond_the_whole_is_refused(house: House) -> None:
    task_id = calls.begun(house.stub)
    token = calls.leased(house.stub, task_id)

    with pytest.raises(grpc.RpcError) as refused:
        house.stub.ReportProgress(calls.advancing(task_id, token, "trace_map", 101))

    assert calls.info(refused.value).metadata.items() >= {
        ("field", "progress"),
        ("value", "101"),
    }


def test_a_stranger_cannot_move_a_task(house: House) -> None:
    task_id = calls.begun(house.stub)
    calls.leased(house.stub, task_id)
    stranger = calls.new_id()

    for attempt in (
        lambda: house.stub.ReportProgress(calls.advancing(task_id, stranger)),
        lambda: house.stub.CompleteTask(calls.completion(task_id, stranger)),
        lambda: house.stub.FailTask(calls.failing(task_id, stranger, deterministic=True)),
        lambda: house.stub.ReleaseTask(
            pb.ReleaseTaskRequest(task_id=task_id, lease_token=stranger)
        ),
    ):
        with pytest.raises(grpc.RpcError) as refused:
            attempt()
        assert calls.refusal(refused.value) == LOST

    assert calls.got(house.stub, task_id).status == "PROGRESS"


def test_a_cancelled_task_stops_its_worker(house: House) -> None:
    task_id = calls.begun(house.stub)
    token = calls.leased(house.stub, task_id)

    answer = house.stub.CancelTask(pb.CancelTaskRequest(task_id=task_id))

    assert answer.task.status == "CANCELLED"
    with pytest.raises(grpc.RpcError) as refused:
        house.stub.ReportProgress(calls.advancing(task_id, token))
    assert calls.refusal(refused.value) == CANCELLED
    with pytest.raises(grpc.RpcError) as refused:
        house.stub.CompleteTask(calls.completion(task_id, token))
    assert calls.refusal(refused.value) == CANCELLED


def test_a_final_task_cannot_be_cancelled(house: House) -> None:
    task_id = calls.completed(house.stub)

    answer = house.stub.CancelTask(pb.CancelTaskRequest(task_id=task_id))

    assert answer.task.status == "SUCCESS"


def test_an_erased_task_stops_its_worker(house: House) -> None:
    task_id = calls.begun(house.stub)
    token = calls.leased(house.stub, task_id)
    house.stub.DeleteTask(pb.DeleteTaskRequest(task_id=task_id))

    with pytest.raises(grpc.RpcError) as refused:
        house.stub.ReportProgress(calls.advancing(task_id, token))

    assert calls.refusal(refused.value) == LOST


def test_a_drawing_completes_its_task(house: House) -> None:
    drawing = mask_pb2.Drawing(
        regions=[mask_pb2.Region(id=1, name="nose", side="center", area=12.5)],
        regions_detected=1,
        warnings=["no map"],
        width=640,
    )
    task_id = calls.begun(house.stub)
    token = calls.leased(house.stub, task_id)

    house.stub.CompleteTask(calls.completion(task_id, token, calls.SVG, drawing))

    task = calls.got(house.stub, task_id, with_result=True)
    assert (task.status, task.progress) == ("SUCCESS", 100)
    assert task.svg_url == f"/api/v1/frontal/crop/svg/{task_id}"
    assert task.result.svg == calls.SVG
    assert task.result.regions == drawing.regions
    assert task.result.warnings == ["no map"]
    assert task.result.processing_time_ms == task.processing_time_ms
    assert task.HasField("expires_at")
    summary = house.value("SELECT result_data FROM task_results")
    assert summary["regions"] == [
        {"id": 1, "name": "nose", "side": "center", "source": "", "area": 12.5}
    ]
    assert summary["warnings"] == ["no map"]


def test_the_same_drawing_again_changes_nothing(house: House) -> None:
    task_id = calls.begun(house.stub)
    token = calls.leased(house.stub, task_id)
    house.stub.CompleteTask(calls.completion(task_id, token))
    before = calls.got(house.stub, task_id, with_result=True)

    house.stub.CompleteTask(calls.completion(task_id, token))

    assert calls.got(house.stub, task_id, with_result=True) == before


def test_another_drawing_after_the_first_is_refused(house: House) -> None:
    task_id = calls.begun(house.stub)
    token = calls.leased(house.stub, task_id)
    house.stub.CompleteTask(calls.completion(task_id, token))

    with pytest.raises(grpc.RpcError) as refused:
        house.stub.CompleteTask(calls.completion(task_id, token, b"<svg>another</svg>"))

    assert calls.refusal(refused.value) == LOST


@pytest.mark.parametrize("sent", range(4))  # header and three chunks; no finish
def test_a_drawing_cut_off_anywhere_leaves_nothing(house: House, sent: int) -> None:
    task_id = calls.begun(house.stub)
    token = calls.leased(house.stub, task_id)
    messages = list(calls.completion(task_id, token, calls.noise(600_000)))[:sent]

    with pytest.raises(grpc.RpcError) as refused:
        house.stub.CompleteTask(iter(messages))

    assert calls.refusal(refused.value) == (grpc.StatusCode.INVALID_ARGUMENT, "TRUNCATED_UPLOAD")
    assert calls.got(house.stub, task_id).status == "PROGRESS"


def test_a_drawing_with_a_chunk_missing_is_refused(house: House) -> None:
    task_id = calls.begun(house.stub)
    token = calls.leased(house.stub, task_id)
    messages = list(calls.completion(task_id, token, calls.noise(600_000)))
    del messages[2]

    with pytest.raises(grpc.RpcError) as refused:
        house.stub.CompleteTask(iter(messages))

    assert calls.refusal(refused.value) == (grpc.StatusCode.INVALID_ARGUMENT, "TRUNCATED_UPLOAD")


def test_a_drawing_over_the_limit_is_refused(house: House) -> None:
    task_id = calls.begun(house.stub)
    token = calls.leased(house.stub, task_id)

    with pytest.raises(grpc.RpcError) as refused:
        house.stub.CompleteTask(calls.completion(task_id, token, bytes(16 * 1024 * 1024 + 1)))

    assert calls.refusal(refused.value) == (grpc.StatusCode.INVALID_ARGUMENT, "DRAWING_TOO_LARGE")
    assert calls.info(refused.value).metadata["limit_bytes"] == str(16 * 1024 * 1024)


def test_a_failure_is_kept_with_its_reason(house: House) -> None:
    task_id = calls.begun(house.stub)
    token = calls.leased(house.stub, task_id)

    house.stub.FailTask(calls.failing(task_id, token, deterministic=True))
    house.stub.FailTask(calls.failing(task_id, token, deterministic=True))

    task = calls.got(house.stub, task_id)
    assert task.status == "FAILURE"
    assert (task.error.type, task.error.message) == ("NO_FACE", "there is no face")
    assert not task.HasField("svg_url")


@pytest.mark.parametrize(("deterministic", "minutes"), [(True, 10), (False, 24 * 60)])
def test_only_answers_of_failure_are_short_lived(
    house: House, *, deterministic: bool, minutes: int
) -> None:
    task_id = calls.begun(house.stub)
    token = calls.leased(house.stub, task_id)

    house.stub.FailTask(calls.failing(task_id, token, deterministic=deterministic))

    task = calls.got(house.stub, task_id)
    assert task.expires_at.seconds - task.completed_at.seconds == minutes * 60


def test_a_released_task_waits_again_without_its_attempt(house: House) -> None:
    task_id = calls.begun(house.stub)
    token = calls.leased(house.stub, task_id)
    release = pb.ReleaseTaskRequest(task_id=task_id, lease_token=token)

    house.stub.ReleaseTask(release)
    house.stub.ReleaseTask(release)

    task = calls.got(house.stub, task_id)
    assert (task.status, task.attempt, task.progress) == ("PENDING", 0, 0)
    assert calls.opened(house.stub, task_id)[0].attempt == 1


def test_a_stranded_task_is_handed_to_one_caller(house: House) -> None:
    task_id = calls.begun(house.stub)
    assert list(house.stub.TakeStranded(pb.TakeStrandedRequest()).task_ids) == []
    house.sql("UPDATE task_results SET enqueued_at = now() - interval '11 seconds'")

    with ThreadPoolExecutor(10) as threads:
        answers = threads.map(
            lambda _: list(house.stub.TakeStranded(pb.TakeStrandedRequest()).task_ids), range(10)
        )

    assert sorted(answers) == [[]] * 9 + [[task_id]]


def test_a_lapsed_task_is_stranded_at_once(house: House) -> None:
    task_id = calls.begun(house.stub)
    calls.leased(house.stub, task_id)
    lapse(house, task_id)

    taken = house.stub.TakeStranded(pb.TakeStrandedRequest())

    assert list(taken.task_ids) == [task_id]
    assert calls.got(house.stub, task_id).status == "PENDING"


def test_a_stranded_task_comes_with_the_call_that_brought_it(house: House) -> None:
    origin = pb.Origin(request_id="req-1", traceparent=f"00-{'a' * 32}-{'b' * 16}-01")
    task_id, (header, *rest) = calls.new_id(), calls.Photo().messages(calls.new_id())
    header.header.MergeFrom(pb.BeginTaskHeader(task_id=task_id, origin=origin))
    house.stub.BeginTask(iter([header, *rest]))
    house.sql("UPDATE task_results SET enqueued_at = NULL")

    taken = house.stub.TakeStranded(pb.TakeStrandedRequest())

    assert dict(taken.origins) == {task_id: origin}


def test_an_origin_that_could_not_be_kept_is_refused(house: House) -> None:
    header, *rest = calls.Photo().messages(calls.new_id())
    header.header.origin.request_id = "r" * 129

    with pytest.raises(grpc.RpcError) as refused:
        house.stub.BeginTask(iter([header, *rest]))

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_stranded_tasks_come_in_the_order_of_their_submission(house: House) -> None:
    ids = [calls.begun(house.stub) for _ in range(4)]
    house.sql("UPDATE task_results SET enqueued_at = NULL")

    first = house.stub.TakeStranded(pb.TakeStrandedRequest(limit=3))
    rest = house.stub.TakeStranded(pb.TakeStrandedRequest(limit=3))

    assert set(first.task_ids) == set(ids[:3])
    assert list(rest.task_ids) == ids[3:]


def test_two_caches_share_the_lapsed(house_with: Callable[..., House]) -> None:
    one, other = house_with(), house_with()
    ids = [calls.begun(one.stub) for _ in range(20)]
    for task_id in ids:
        calls.leased(one.stub, task_id)
    one.sql("UPDATE task_results SET lease_until = now()")

    with ThreadPoolExecutor(2) as threads:
        taken = threads.map(
            lambda house: list(house.stub.TakeStranded(pb.TakeStrandedRequest()).task_ids),
            (one, other),
        )

    handed = [task_id for answer in taken for task_id in answer]
    rest = one.stub.TakeStranded(pb.TakeStrandedRequest()).task_ids
    assert sorted([*handed, *rest]) == sorted(ids)
