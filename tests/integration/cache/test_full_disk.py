"""No room left for Postgres's tables: refused with a reason, and well again once there is room."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import grpc
import psycopg
import pytest
from fixtures.postgres import url_of
from fixtures.servers import Server, homes, stopping
from google.rpc import error_details_pb2
from integration.cache import calls
from integration.cache.calls import Photo
from integration.cache.house import House

from deploy.local import account
from facesvg.v1 import cache_pb2 as pb
from services.cache import rollups
from services.cache.__main__ import postgres_state

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

MIB = 1024 * 1024
LARGE = 300_000
"""Bytes of a photo that does not fit into the row of its task."""
ROOM = "48m"
MORE_ROOM = "160m"
TOOLS = ("unshare", "nsenter", "setpriv", "mount")

# Within a namespace of its own, so that nobody else sees the mount and it ends with the server.
MOUNT = """
mount -t tmpfs -o "size=$2,uid=$3,gid=$4,mode=700" tmpfs "$1" || exit 1
user=$3 group=$4; shift 4
exec setpriv --reuid "$user" --regid "$group" --clear-groups "$@"
"""


class Cramped:
    """A server whose tables lie on a small disk; its log of writes does not."""

    def __init__(self, home: Path) -> None:
        who = account.unprivileged()
        assert who is not None
        self.small = home / "small"
        account.give(self.small, who)
        limits = (str(self.small), ROOM, str(who.uid), str(who.gid))
        before = ("unshare", "--mount", "sh", "-c", MOUNT, "mount", *limits)
        self.server = Server(home, before=before).initialise()

    def make_database(self) -> str:
        with psycopg.connect(self.server.url, autocommit=True) as connection:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{self.small}'".encode())
            connection.execute("CREATE DATABASE cramped TABLESPACE small")
        return url_of(self.server.url, "cramped")

    def grow(self) -> None:
        inside = ("nsenter", "--mount", "--target", str(self.server.pid))
        remount = ("mount", "-o", f"remount,size={MORE_ROOM}", str(self.small))
        subprocess.run([*inside, *remount], check=True)


def may_mount() -> bool:
    if os.geteuid() != 0 or not all(map(shutil.which, TOOLS)):
        return False
    probe = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@pytest.fixture
def cramped() -> Iterator[Cramped]:
    if not may_mount():
        pytest.skip("a small disk takes root, the right to mount, and util-linux")
    with homes() as (home,):
        cramped = Cramped(home)
        cramped.server.start()
        with stopping(cramped.server):
            yield cramped


@pytest.fixture
def house(cramped: Cramped) -> Iterator[House]:
    with House(cramped.make_database()) as running:
        calls.completed(running.stub, Photo(image=calls.noise(LARGE, 1001)))
        calls.begun(running.stub, Photo(image=calls.noise(LARGE, 1002)))
        running.run(rollups.fold(running.cache.database))
        running.sql("VACUUM")  # as autovacuum has long done on a disk that fills up
        running.sql("SELECT")  # each session reads a file that the first after a VACUUM writes
        yield running


def filled(house: House) -> tuple[dict[str, Photo], Any]:
    """Submit photos until there is no room; return those accepted, and the refusal."""
    accepted = {}
    for seed in range(200):
        photo = Photo(image=calls.noise(MIB, seed))
        try:
            accepted[calls.begin(house.stub, photo).task.task_id] = photo
        except grpc.RpcError as error:
            return accepted, error
    raise AssertionError("there was room for everything")


def test_a_full_disk_refuses_with_a_reason_and_harms_nothing(house: House) -> None:
    accepted, error = filled(house)

    assert calls.refusal(error) == (grpc.StatusCode.UNAVAILABLE, "DEPENDENCY_UNAVAILABLE")
    assert "no room left, nothing was stored" in error.details()
    assert calls.detail(error, error_details_pb2.RetryInfo).retry_delay.seconds == 60
    assert house.run(postgres_state(house.cache.database)).healthy
    assert house.stub.GetStats(pb.GetStatsRequest()).stats.pending_tasks == len(accepted) + 1
    assert house.value("SELECT count(*) FROM task_results") == len(accepted) + 2
    for task_id, photo in accepted.items():
        assert calls.find(house.stub, photo) is None
        assert calls.got(house.stub, task_id).status == "PENDING"


def test_it_goes_on_by_itself_on_a_larger_disk(house: House, cramped: Cramped) -> None:
    accepted, _ = filled(house)

    cramped.grow()

    for task_id, photo in accepted.items():
        assert calls.opened(house.stub, task_id)[1] == photo.parts
    calls.completed(house.stub, Photo(image=calls.noise(MIB, 1000)))


def test_erasing_makes_room(house: House) -> None:
    accepted, _ = filled(house)

    drawn = house.value("SELECT task_id::text FROM task_results WHERE status = 'SUCCESS'")
    for task_id in (*accepted, drawn):
        house.stub.DeleteTask(pb.DeleteTaskRequest(task_id=task_id))
    house.sql("VACUUM")

    again, _ = filled(house)
    assert len(again) > len(accepted) / 2
