"""A replica answers for statistics and lists; all else is read where it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import psycopg
import pytest
from fixtures.servers import Server, serving, standing_by
from integration.cache import calls
from integration.cache.house import House, until

from facesvg.v1 import cache_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def primary() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def standby(primary: Server) -> Iterator[Server]:
    with standing_by(primary) as server:
        yield server


@pytest.fixture
def house(primary: Server, standby: Server) -> Iterator[House]:
    with House(primary.url, DATABASE_READ_URL=standby.url) as running:
        written = value(primary, "SELECT pg_current_wal_lsn()")
        until(lambda: value(standby, "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", written))
        yield running


def shown(house: House) -> set[str]:
    """Return the tasks that the list shows."""
    answer = house.stub.ListTasks(pb.ListTasksRequest(page_size=1000))
    return {task.task_id for task in answer.tasks}


def value(server: Server, query: Any, *params: object) -> Any:
    with psycopg.connect(server.url, autocommit=True) as connection:
        (found,) = connection.execute(query, params).fetchone() or (None,)
        return found


def test_a_task_is_visible_at_once_where_it_was_written_and_later_in_lists(
    house: House, standby: Server
) -> None:
    value(standby, "SELECT pg_wal_replay_pause()")
    photo = calls.Photo()
    before = house.stub.GetStats(pb.GetStatsRequest()).stats

    task_id = calls.completed(house.stub, photo)

    lagging = house.stub.GetStats(pb.GetStatsRequest()).stats
    assert calls.got(house.stub, task_id).status == "SUCCESS"
    assert calls.find(house.stub, photo) is not None
    assert calls.read_svg(house.stub, task_id) == calls.SVG
    assert task_id not in shown(house)
    assert lagging.cache_misses == before.cache_misses

    value(standby, "SELECT pg_wal_replay_resume()")

    until(lambda: task_id in shown(house))
    caught_up = house.stub.GetStats(pb.GetStatsRequest()).stats
    assert caught_up.cache_misses == before.cache_misses + 1


def test_without_the_replica_only_statistics_and_lists_are_away(primary: Server) -> None:
    nowhere = "postgresql://postgres@/postgres?host=/nonexistent"
    with House(primary.url, DATABASE_READ_URL=nowhere) as house:
        task_id = calls.completed(house.stub)

        for call in (
            lambda: house.stub.GetStats(pb.GetStatsRequest()),
            lambda: house.stub.ListTasks(pb.ListTasksRequest()),
        ):
            with pytest.raises(grpc.RpcError) as refused:
                call()
            assert calls.refusal(refused.value) == (
                grpc.StatusCode.UNAVAILABLE,
                "DEPENDENCY_UNAVAILABLE",
            )
        assert calls.read_svg(house.stub, task_id) == calls.SVG
