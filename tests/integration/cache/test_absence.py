"""Postgres away: calls say so, and all is well when it is back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
import pytest
from integration.cache import calls
from integration.cache.calls import Photo

from facesvg.v1 import cache_pb2 as pb
from services.cache.__main__ import postgres_state

if TYPE_CHECKING:
    from integration.cache.house import House

pytestmark = pytest.mark.integration

AWAY = (grpc.StatusCode.UNAVAILABLE, "DEPENDENCY_UNAVAILABLE")


def test_calls_say_that_postgres_is_away_and_recover(house: House) -> None:
    photo = Photo()
    task_id = calls.completed(house.stub, photo)

    with house.postgres_away():
        for call in (
            lambda: calls.find(house.stub, photo),
            lambda: calls.begin(house.stub, Photo()),
            lambda: calls.got(house.stub, task_id),
            lambda: calls.read_svg(house.stub, task_id),
            lambda: calls.opened(house.stub, task_id),
            lambda: list(house.stub.WatchTask(pb.WatchTaskRequest(task_id=task_id))),
            lambda: house.stub.GetStats(pb.GetStatsRequest()),
            lambda: house.stub.Cleanup(pb.CleanupRequest()),
        ):
            with pytest.raises(grpc.RpcError) as refused:
                call()
            assert calls.refusal(refused.value) == AWAY
            assert calls.info(refused.value).metadata == {"dependency": "postgres"}

    assert calls.find(house.stub, photo) is not None
    assert calls.read_svg(house.stub, task_id) == calls.SVG


def test_health_tells_whether_postgres_answers(house: House) -> None:
    here = house.run(postgres_state(house.cache.database))
    with house.postgres_away():
        away = house.run(postgres_state(house.cache.database))

    assert here.healthy
    assert here.detail.startswith("PostgreSQL ")
    assert (away.name, away.healthy, away.detail) == ("postgres", False, "does not answer")


def test_a_submission_cut_off_by_postgres_can_be_sent_again(house: House) -> None:
    photo = Photo(image=calls.noise(1024 * 1024))
    task_id = calls.new_id()
    with house.postgres_away(), pytest.raises(grpc.RpcError):
        calls.begin(house.stub, photo, task_id)

    answer = calls.begin(house.stub, photo, task_id)

    assert answer.outcome == calls.OWNER
    assert calls.opened(house.stub, task_id)[1] == photo.parts
