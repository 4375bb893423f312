"""What was erased is told to whoever asks, each erasure to every cursor from before it."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import grpc
import psycopg
import pytest
from fixtures.postgres import database
from fixtures.servers import serving
from integration.cache import calls
from integration.cache.calls import Photo
from integration.cache.house import House, until

from facesvg.v1 import cache_pb2 as pb
from services.cache import erasures
from services.cache.erasures import Cursor

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.integration

DELETE = "DELETE FROM task_results WHERE task_id = %s"
LISTENING = "SELECT pid FROM pg_stat_activity WHERE application_name = 'facesvg-cache-listen'"


def asked(house: House, cursor: str) -> pb.ListErasuresResponse:
    return house.stub.ListErasures(pb.ListErasuresRequest(cursor=cursor))


def cursor(house: House) -> str:
    return asked(house, "").cursor


def told(house: House, since: str) -> list[str]:
    answer = asked(house, since)
    assert not answer.all_erased
    return list(answer.task_ids)


def delete(house: House, task_id: str) -> None:
    house.stub.DeleteTask(pb.DeleteTaskRequest(task_id=task_id))


def test_whoever_asks_first_has_to_take_everything_for_erased(house: House) -> None:
    answer = asked(house, "")

    assert (answer.all_erased, list(answer.task_ids)) == (True, [])
    assert answer.good_for_ms == 200


def test_without_an_erasure_nothing_is_told(house: House) -> None:
    before = cursor(house)
    calls.completed(house.stub)

    assert told(house, before) == []


def test_an_erasure_is_told_to_those_who_asked_before_it(house: House) -> None:
    task_id, other = calls.completed(house.stub), calls.completed(house.stub)
    first = cursor(house)
    second = asked(house, first).cursor

    delete(house, task_id)
    answer = asked(house, second)

    assert list(answer.task_ids) == told(house, first) == [task_id]
    assert told(house, answer.cursor) == []
    delete(house, other)
    assert sorted(told(house, first)) == sorted([task_id, other])


def test_what_is_no_answer_is_not_told(house: House) -> None:
    waiting, cancelled = calls.begun(house.stub), calls.begun(house.stub)
    house.stub.CancelTask(pb.CancelTaskRequest(task_id=cancelled))
    before = cursor(house)

    delete(house, waiting)
    delete(house, cancelled)

    assert told(house, before) == []


def test_a_failure_that_was_remembered_is_told(house: House) -> None:
    task_id = calls.begun(house.stub)
    token = calls.leased(house.stub, task_id)
    house.stub.FailTask(calls.failing(task_id, token, deterministic=True))
    before = cursor(house)

    delete(house, task_id)

    assert told(house, before) == [task_id]


def test_what_is_expired_is_kept_by_nobody_and_not_told(house: House) -> None:
    task_id = calls.completed(house.stub)
    house.sql("UPDATE task_results SET ttl_expires_at = now() WHERE task_id = %s", task_id)
    before = cursor(house)

    assert house.stub.Cleanup(pb.CleanupRequest()).expired_tasks == 1

    assert told(house, before) == []


def test_what_is_evicted_is_told(house_with: Callable[..., House]) -> None:
    house = house_with(CACHE_MAX_SIZE_MB="1")
    task_id = calls.completed(house.stub, svg=calls.noise(2 * 1024 * 1024))
    before = cursor(house)

    house.stub.Cleanup(pb.CleanupRequest())

    assert told(house, before) == [task_id]


@pytest.mark.parametrize(
    "statement",
    [
        DELETE,
        "UPDATE task_results SET ttl_expires_at = now() WHERE task_id = %s",
        "UPDATE task_results SET tenant = 'another' WHERE task_id = %s",
        "UPDATE task_results SET input_hash = repeat('0', 64) WHERE task_id = %s",
    ],
    ids=["deleted", "expired", "given away", "renamed"],
)
def test_what_is_done_by_hand_is_told(house: House, statement: str) -> None:
    task_id = calls.completed(house.stub)
    before = cursor(house)

    house.sql(statement, task_id)

    assert told(house, before) == [task_id]


def test_what_leaves_an_answer_one_is_not_told(house: House) -> None:
    task_id = calls.completed(house.stub)
    before = cursor(house)

    house.sql("UPDATE task_results SET cache_hits = 7, last_used_at = now()")
    house.sql("UPDATE task_results SET ttl_expires_at = ttl_expires_at + interval '1 day'")

    assert told(house, before) == []
    assert calls.got(house.stub, task_id).status == "SUCCESS"


def test_a_truncated_table_is_everything(house: House) -> None:
    before = cursor(house)

    house.sql("TRUNCATE task_results CASCADE")

    assert asked(house, before).all_erased


def test_an_erasure_is_told_once_it_is_committed_whatever_was_committed_before(
    house: House,
) -> None:
    slow, quick = calls.completed(house.stub), calls.completed(house.stub)
    with psycopg.connect(house.url) as under_way:
        under_way.execute(DELETE, (slow,))
        before = cursor(house)
        delete(house, quick)
        between = asked(house, before)
        assert list(between.task_ids) == [quick]

        under_way.commit()

    assert told(house, between.cursor) == [slow]
    assert sorted(told(house, before)) == sorted([slow, quick])


def test_an_erasure_that_is_taken_back_is_not_told(house: House) -> None:
    task_id = calls.completed(house.stub)
    before = cursor(house)
    with psycopg.connect(house.url) as under_way:
        under_way.execute(DELETE, (task_id,))
        under_way.rollback()

    assert told(house, before) == []


def moment(house: House) -> Cursor:
    found = Cursor.parse(cursor(house))
    assert found is not None
    return found


@pytest.mark.parametrize(
    "other",
    [
        lambda now: replace(now, server=now.server + "1"),
        lambda now: replace(now, taken_at=now.taken_at - 600),
        lambda now: replace(now, taken_at=10**18 - 1),
        lambda now: replace(now, version=now.version + 1),
    ],
    ids=["another server", "too long ago", "at no time", "other drawings"],
)
def test_a_moment_that_nobody_can_tell_about_is_everything(
    house: House, other: Callable[[Cursor], Cursor]
) -> None:
    now = moment(house)

    assert asked(house, str(other(now))).all_erased
    assert not asked(house, str(now)).all_erased


def test_after_a_crash_numbers_may_come_again_so_it_is_everything() -> None:
    with serving() as server, database(server.url) as url, House(url) as house:
        before = moment(house)

        with psycopg.connect(url, autocommit=True) as held:
            os.kill(house.value(LISTENING), signal.SIGKILL)
            until(lambda: is_lost(held))  # until the crash is noticed, others are answered

        answer = until(lambda: since_it_recovered(house, before))
        assert answer is not None
        assert answer.all_erased


def is_lost(connection: psycopg.Connection) -> bool:
    """Return whether Postgres no longer answers on a connection."""
    try:
        connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return True
    return False


def since_it_recovered(house: House, before: Cursor) -> pb.ListErasuresResponse | None:
    """Return what is told once Postgres is back."""
    try:
        return asked(house, str(before))
    except grpc.RpcError:
        return None


def test_another_database_of_the_server_is_everything(house: House, postgres_server: str) -> None:
    before = moment(house)

    with database(postgres_server) as url, House(url) as restored:
        assert asked(restored, str(before)).all_erased


@pytest.mark.parametrize(
    "text",
    [
        *("nonsense", "1:2:", "1:2:@3.3.3@4", "1:2:@3@4@5", "1:2:@3.3.3@4@x", "-1:2:@3.3.3@4@5"),
        *("2:1:@3.3.3@4@5", "0:1:@3.3.3@4@5", "1:9:10@3.3.3@4@5", "1:9:5,4@3.3.3@4@5"),
        *("1:9:,@3.3.3@4@5", "1:2:@3.3.3@4@5\n", "\u0661:\u0662:@3.3.3@4@5", "'; DROP TABLE"),
        *(f"{'9' * 19}:1:@3.3.3@4@5", f"1:{1 << 32}:@3.3.3@4@5"),
        f"{1 << 32}:{(1 << 32) + 1}:@3.3.3@4@5",
    ],
)
def test_what_is_no_cursor_is_everything_and_no_error(house: House, text: str) -> None:
    assert asked(house, text).all_erased


def test_many_erasures_are_everything(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasures, "MOST", 2)
    ids = [calls.completed(house.stub) for _ in range(3)]
    before = cursor(house)

    house.sql("DELETE FROM task_results WHERE task_id = ANY(%s::uuid[])", ids[:2])
    assert sorted(told(house, before)) == sorted(ids[:2])

    house.sql(DELETE, ids[2])
    assert asked(house, before).all_erased


def noted(house: House) -> set[str]:
    return {task_id for (task_id,) in house.sql("SELECT task_id::text FROM erasures")}


def test_what_was_committed_before_any_cursor_is_forgotten(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    early, slow, late = (calls.completed(house.stub) for _ in range(3))
    with psycopg.connect(house.url) as under_way:
        under_way.execute(DELETE, (slow,))
        delete(house, early)
        house.stub.Cleanup(pb.CleanupRequest())
        under_way.commit()  # begun before the others, and seen by no cursor yet
    delete(house, late)
    house.stub.Cleanup(pb.CleanupRequest())
    assert noted(house) == {early, slow, late}  # it was a moment ago

    monkeypatch.setattr(erasures, "REACH", timedelta(0))
    house.stub.Cleanup(pb.CleanupRequest())
    assert {slow, late} <= noted(house)

    house.stub.Cleanup(pb.CleanupRequest())
    assert noted(house) == set()


def test_an_answer_says_for_how_long_it_may_be_kept(house: House) -> None:
    photo = Photo()
    task_id = calls.completed(house.stub, photo)
    question = pb.FindResultRequest(key=photo.key)
    assert house.stub.FindResult(question).kept_for_ms == 600_000

    soon = "UPDATE task_results SET ttl_expires_at = now() + interval '5 s' WHERE task_id = %s"
    house.sql(soon, task_id)

    assert 0 < house.stub.FindResult(question).kept_for_ms <= 5000


def test_that_there_is_nothing_may_not_be_kept(house: House) -> None:
    answer = house.stub.FindResult(pb.FindResultRequest(key=Photo().key))

    assert (answer.kept_for_ms, answer.good_for_ms) == (0, 0)
