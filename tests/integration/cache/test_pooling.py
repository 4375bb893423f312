"""The cache behind pgbouncer in transaction mode: every session is another's a moment later."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import grpc
import psycopg
import pytest
from fixtures.pgbouncer import SESSIONS, pooling
from integration.cache import calls
from integration.cache.house import until
from integration.cache.lives import life

from facesvg.v1 import cache_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from integration.cache.house import House

pytestmark = pytest.mark.integration


@pytest.fixture
def pooled_url(database_url: str) -> Iterator[str]:
    with pooling(database_url) as url:
        yield url


@pytest.fixture
def pooled(
    pooled_url: str, house_with: Callable[..., House], request: pytest.FixtureRequest
) -> House:
    """Return a cache whose statements all go through the pooler."""
    url = request.getfixturevalue("database_url")
    return house_with(DATABASE_URL=pooled_url, DATABASE_DIRECT_URL=url, DATABASE_POOLER="true")


def test_every_call_works_while_clients_share_few_sessions(pooled: House) -> None:
    with ThreadPoolExecutor(3 * SESSIONS) as threads:
        list(threads.map(lambda seed: life(pooled, seed), range(4 * SESSIONS)))

    sessions = pooled.value(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'facesvg-cache'"
    )
    assert 0 < sessions <= SESSIONS
    assert pooled.value("SELECT count(*) FROM blobs") == 0


def test_failures_cancellations_and_lapsed_leases_go_through(pooled: House) -> None:
    failed, cancelled, lapsed = (calls.begun(pooled.stub) for _ in range(3))
    token = calls.leased(pooled.stub, failed)
    pooled.stub.FailTask(calls.failing(failed, token, deterministic=True))
    pooled.stub.CancelTask(pb.CancelTaskRequest(task_id=cancelled))
    calls.leased(pooled.stub, lapsed, lease=0.01)

    def stranded() -> bool:
        taken = pooled.stub.TakeStranded(pb.TakeStrandedRequest())
        return lapsed in taken.task_ids

    until(stranded)

    assert calls.got(pooled.stub, failed).error.type == "NO_FACE"
    assert calls.got(pooled.stub, cancelled).status == "CANCELLED"


def test_watchers_are_told_past_the_pooler(pooled: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.cache.watching.LOOK_EVERY", 60)
    until(
        lambda: pooled.value(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'facesvg-cache-listen' AND state = 'idle'"
        )
    )
    task_id = calls.begun(pooled.stub)
    watch = pooled.stub.WatchTask(pb.WatchTaskRequest(task_id=task_id), timeout=20)
    assert next(watch).task.status == "PENDING"

    pooled.stub.CancelTask(pb.CancelTaskRequest(task_id=task_id))

    assert [answer.task.status for answer in watch] == ["CANCELLED"]


def test_a_transaction_has_its_limits_and_leaves_none_behind(pooled: House) -> None:
    async def limit_within() -> str:
        async with pooled.cache.database.transaction() as view:
            row = await (await view.raw.execute("SHOW statement_timeout")).fetchone()
            return str((row or ("?",))[0])

    async def limit_after() -> str:
        async with pooled.cache.database.reading() as view:
            row = await (await view.raw.execute("SHOW statement_timeout")).fetchone()
            return str((row or ("?",))[0])

    assert pooled.run(limit_within()) == "15s"
    assert pooled.run(limit_after()) == "0"


def test_a_role_without_limits_behind_a_pooler_is_warned_of(
    pooled_url: str,
    database_url: str,
    house_with: Callable[..., House],
    caplog: pytest.LogCaptureFixture,
) -> None:
    house_with()
    assert "no time limit" not in caplog.text

    house_with(DATABASE_URL=pooled_url, DATABASE_DIRECT_URL=database_url, DATABASE_POOLER="true")

    assert "statements have no time limit" in caplog.text


def test_a_lock_that_lasts_is_given_up_within_the_limit(
    pooled_url: str, database_url: str, house_with: Callable[..., House]
) -> None:
    house = house_with(
        DATABASE_URL=pooled_url,
        DATABASE_DIRECT_URL=database_url,
        DATABASE_POOLER="true",
        CACHE_STATEMENT_TIMEOUT_SECONDS="0.2",
    )
    task_id = calls.begun(house.stub)

    with psycopg.connect(database_url) as rival:
        rival.execute("SELECT FROM task_results FOR UPDATE")
        with pytest.raises(grpc.RpcError) as refused:
            house.stub.CancelTask(pb.CancelTaskRequest(task_id=task_id))

    assert calls.refusal(refused.value) == (
        grpc.StatusCode.UNAVAILABLE,
        "DEPENDENCY_UNAVAILABLE",
    )
