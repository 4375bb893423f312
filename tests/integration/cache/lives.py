"""Whole lives of tasks, by every call that there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from integration.cache import calls
from integration.cache.calls import Photo

from facesvg.v1 import cache_pb2 as pb

if TYPE_CHECKING:
    from integration.cache.house import House

LARGE = calls.noise(3 * 1024 * 1024)


def life(house: House, seed: int) -> None:
    """Take one photo all the way, and leave nothing."""
    photo = Photo(image=LARGE, landmarks=str(seed).encode())
    svg = calls.noise(1024 * 1024, seed)
    task_id = calls.begun(house.stub, photo)
    assert calls.begin(house.stub, photo).outcome == calls.FOLLOWER
    header, inputs = calls.opened(house.stub, task_id)
    assert inputs == photo.parts
    house.stub.ReportProgress(calls.advancing(task_id, header.lease_token))
    house.stub.ReleaseTask(pb.ReleaseTaskRequest(task_id=task_id, lease_token=header.lease_token))
    token = calls.leased(house.stub, task_id)
    house.stub.CompleteTask(calls.completion(task_id, token, svg))
    assert calls.find(house.stub, photo) is not None
    assert calls.read_svg(house.stub, task_id) == svg
    assert calls.got(house.stub, task_id, with_result=True).result.svg == svg
    house.flush_hits()
    house.stub.ListTasks(pb.ListTasksRequest())
    house.stub.GetStats(pb.GetStatsRequest())
    house.stub.Cleanup(pb.CleanupRequest())
    house.stub.DeleteTask(pb.DeleteTaskRequest(task_id=task_id))
