"""Cleanup: what expired, what is too much, and never what is in use."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import grpc
import pytest
from integration.cache import calls
from integration.cache.calls import Photo
from integration.cache.house import until

from facesvg.v1 import cache_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Callable

    from integration.cache.house import House

pytestmark = pytest.mark.integration

MIB = 1024 * 1024


def drawn(house: House, count: int) -> list[str]:
    """Store drawings of one MiB each and return their tasks, oldest use first."""
    ids = [calls.completed(house.stub, svg=calls.noise(MIB, seed)) for seed in range(count)]
    for age, task_id in enumerate(reversed(ids)):
        house.sql(
            "UPDATE task_results SET last_used_at = now() - make_interval(mins => %s) "
            "WHERE task_id = %s",
            age,
            task_id,
        )
    return ids


def present(house: House) -> set[str]:
    return {task_id for (task_id,) in house.sql("SELECT task_id::text FROM task_results")}


def test_what_expired_is_erased_with_its_bytes(house: House) -> None:
    old, new = drawn(house, 2)
    house.sql("UPDATE task_results SET ttl_expires_at = now() WHERE task_id = %s", old)

    swept = house.stub.Cleanup(pb.CleanupRequest())

    assert (swept.expired_tasks, swept.evicted_tasks) == (1, 0)
    assert swept.freed_mb == pytest.approx(1, abs=0.01)
    assert present(house) == {new}
    assert house.value("SELECT count(*) FROM blobs") == 1


def test_below_the_high_water_mark_nothing_is_evicted(house_with: Callable[..., House]) -> None:
    house = house_with(CACHE_MAX_SIZE_MB="10")
    ids = drawn(house, 8)

    swept = house.stub.Cleanup(pb.CleanupRequest())

    assert swept.evicted_tasks == 0
    assert present(house) == set(ids)


def test_above_it_the_least_recently_used_go_down_to_the_low_water_mark(
    house_with: Callable[..., House],
) -> None:
    house = house_with(CACHE_MAX_SIZE_MB="10")
    ids = drawn(house, 10)

    swept = house.stub.Cleanup(pb.CleanupRequest())

    assert swept.evicted_tasks == 3  # each has a few bytes more than one MiB
    assert present(house) == set(ids[3:])


def test_a_hit_makes_a_drawing_recently_used(house_with: Callable[..., House]) -> None:
    house = house_with(CACHE_MAX_SIZE_MB="10")
    photo = Photo()
    used = calls.completed(house.stub, photo, calls.noise(MIB, 100))
    house.sql("UPDATE task_results SET last_used_at = now() - interval '1 day'")
    drawn(house, 9)
    calls.find(house.stub, photo)
    house.flush_hits()

    house.stub.Cleanup(pb.CleanupRequest())

    assert used in present(house)


def test_tasks_under_way_and_their_bytes_are_never_evicted(
    house_with: Callable[..., House],
) -> None:
    house = house_with(CACHE_MAX_SIZE_MB="1")
    photos = [Photo(image=calls.noise(MIB, seed)) for seed in range(2)]
    waiting, working = (calls.begun(house.stub, photo) for photo in photos)
    token = calls.leased(house.stub, working)

    swept = house.stub.Cleanup(pb.CleanupRequest())

    assert swept.evicted_tasks == 0
    assert calls.opened(house.stub, waiting)[1] == photos[0].parts
    house.stub.CompleteTask(calls.completion(working, token))


def test_bytes_that_another_drawing_has_too_stay(house_with: Callable[..., House]) -> None:
    house = house_with(CACHE_MAX_SIZE_MB="2")
    svg = calls.noise(MIB)
    first, second = (calls.completed(house.stub, svg=svg) for _ in range(2))
    house.stub.DeleteTask(pb.DeleteTaskRequest(task_id=first))

    house.stub.Cleanup(pb.CleanupRequest())

    assert calls.read_svg(house.stub, second) == svg


def test_bytes_that_nobody_refers_to_are_erased(house: House) -> None:
    calls.begun(house.stub, Photo(image=calls.noise(MIB)))
    house.sql("DELETE FROM task_inputs")

    house.stub.Cleanup(pb.CleanupRequest())

    assert house.value("SELECT count(*) FROM blob_chunks") == 0


def test_two_sweepers_share_the_work(house_with: Callable[..., House]) -> None:
    one, other = house_with(), house_with()
    one.sql(
        "INSERT INTO task_results (task_id, input_hash, status, completed_at, ttl_expires_at) "
        "SELECT gen_random_uuid(), encode(sha256(n::text::bytea), 'hex'), 'CANCELLED', now(), now()"
        " FROM generate_series(1, 3000) AS n"
    )

    with ThreadPoolExecutor(2) as threads:
        swept = threads.map(lambda house: house.stub.Cleanup(pb.CleanupRequest()), (one, other))

    assert sum(answer.expired_tasks for answer in swept) == 3000
    assert present(one) == set()


def test_two_sweepers_do_not_evict_twice_as_much(house_with: Callable[..., House]) -> None:
    one, other = (house_with(CACHE_MAX_SIZE_MB="10") for _ in range(2))
    ids = drawn(one, 10)

    with ThreadPoolExecutor(2) as threads:
        swept = threads.map(lambda house: house.stub.Cleanup(pb.CleanupRequest()), (one, other))

    assert sum(answer.evicted_tasks for answer in swept) == 3
    assert present(one) == set(ids[3:])


def test_an_svg_that_is_erased_while_it_is_read_is_whole_or_not_found(house: House) -> None:
    svg = calls.noise(2 * MIB)
    outcomes = set()
    for _ in range(15):
        task_id = calls.completed(house.stub, svg=svg)
        with ThreadPoolExecutor(5) as threads:
            reads = [threads.submit(calls.read_svg, house.stub, task_id) for _ in range(4)]
            until(lambda reads=reads: any(read.done() for read in reads))  # type: ignore[misc]
            threads.submit(house.stub.DeleteTask, pb.DeleteTaskRequest(task_id=task_id))
        for read in reads:
            error = read.exception()
            if error is None:
                assert read.result() == svg
            else:
                assert isinstance(error, grpc.RpcError)
                assert calls.refusal(error) == (grpc.StatusCode.NOT_FOUND, "TASK_NOT_FOUND")
            outcomes.add(error is None)
    assert True in outcomes


def test_a_drawing_that_is_evicted_while_it_is_read_is_whole_or_not_found(
    house_with: Callable[..., House],
) -> None:
    house = house_with(CACHE_MAX_SIZE_MB="6")
    svgs = {}
    for seed in range(12):
        svg = calls.noise(MIB, seed)
        svgs[calls.completed(house.stub, svg=svg)] = svg

    def read(task_id: str, *, as_record: bool) -> bytes | grpc.RpcError:
        try:
            if as_record:
                return calls.got(house.stub, task_id, with_result=True).result.svg
            return calls.read_svg(house.stub, task_id)
        except grpc.RpcError as error:
            return error

    def read_all() -> list[tuple[str, bytes | grpc.RpcError]]:
        found = []
        while not sweep.done():
            for task_id in svgs:
                found += [(task_id, read(task_id, as_record=flag)) for flag in (True, False)]
        return found

    with ThreadPoolExecutor(7) as threads:
        sweep = threads.submit(house.stub.Cleanup, pb.CleanupRequest())
        runs = [threads.submit(read_all) for _ in range(6)]
    answers = [answer for run in runs for answer in run.result()]

    assert sweep.result().evicted_tasks >= 7
    for task_id, answer in answers:
        if isinstance(answer, bytes):
            assert answer == svgs[task_id]
        else:
            assert calls.refusal(answer) == (grpc.StatusCode.NOT_FOUND, "TASK_NOT_FOUND")


def test_submissions_racing_erasure_always_have_their_inputs(house: House) -> None:
    image = calls.noise(MIB)

    def life(seed: int) -> None:
        photo = Photo(image=image, landmarks=str(seed).encode())
        task_id = calls.begun(house.stub, photo)
        assert calls.opened(house.stub, task_id)[1] == photo.parts
        house.stub.DeleteTask(pb.DeleteTaskRequest(task_id=task_id))

    with ThreadPoolExecutor(2) as threads:  # so few that each is often the last to want the image
        list(threads.map(life, range(100)))

    assert house.value("SELECT count(*) FROM blobs") == 0
