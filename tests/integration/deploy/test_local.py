from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest
import redis

from deploy.local import record
from deploy.local.errors import AlreadyUp
from deploy.local.layout import Layout
from deploy.local.ports import Ports
from deploy.local.settings import Settings
from deploy.local.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from deploy.local.processes import Identity
    from deploy.local.record import Record

pytestmark = pytest.mark.integration

SERVERS = ("postgres", "redis")
QUICK = ("redis", "envoy")
"""Enough where it does not matter what runs: Postgres takes a second to lay out its data."""
HELD = """
import sys, time
from pathlib import Path
from deploy.local.ports import Ports
from deploy.local.settings import Settings
from deploy.local.stack import Stack
with Stack(Path(sys.argv[1]), Settings.from_env({}).on(Ports.free()), only=("redis",)):
    print("up", flush=True)
    time.sleep(60)
"""


class CommandLine:
    """`python -m deploy.local` on a root of its own."""

    def __init__(self, root: Path) -> None:
        self.layout = Layout(root)

    def __call__(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "deploy.local", "--root", self.layout.root, *words],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "COLUMNS": "200", **environment},
        )

    @property
    def record(self) -> Record:
        return record.read(self.layout.record)

    def identity(self, part: str) -> Identity:
        process = self.record.parts[part].process
        assert process is not None
        return process


@pytest.fixture
def local(tmp_path: Path) -> Iterator[CommandLine]:
    line = CommandLine(tmp_path / "stack")
    yield line
    assert line("erase").returncode == 0


def up(local: CommandLine, parts: tuple[str, ...] = QUICK) -> None:
    done = local("up", *parts, "--free-ports")
    assert done.returncode == 0, done.stderr


def until(holds: Callable[[], bool], *, within: float = 15) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, f"waited {within} s in vain"
        time.sleep(0.02)


def test_up_starts_servers_that_answer(local: CommandLine) -> None:
    up(local, SERVERS)

    told = local.record.environment
    with psycopg.connect(told["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("facesvg",)
    with redis.Redis.from_url(told["REDIS_URL"]) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}


def test_up_again_leaves_what_runs_alone(local: CommandLine) -> None:
    up(local)
    first = local.record

    up(local)

    assert local.record.supervisor == first.supervisor
    assert {name: entry.process for name, entry in local.record.parts.items()} == {
        name: entry.process for name, entry in first.parts.items()
    }


def test_status_tells_scripts_whether_all_is_well(local: CommandLine) -> None:
    before = local("status")
    up(local)
    while_up = local("status")
    local("down")
    after = local("status")

    assert [done.returncode for done in (before, while_up, after)] == [3, 0, 3]
    assert re.search(r"redis .*ready", while_up.stdout)


def test_crashed_part_comes_back_by_itself(local: CommandLine) -> None:
    up(local)
    before = local.identity("redis")

    before.send(signal.SIGKILL)

    until(lambda: local.record.parts["redis"].process not in (before, None))
    until(lambda: local.record.parts["redis"].state == "ready")


def test_killed_supervisor_is_succeeded(local: CommandLine) -> None:
    up(local)
    before = local.record
    assert before.supervisor is not None

    before.supervisor.send(signal.SIGKILL)
    up(local)

    assert local.record.is_supervised
    assert local.record.supervisor != before.supervisor
    assert local.identity("envoy") == before.parts["envoy"].process


def test_part_that_died_unsupervised_is_started_by_up(local: CommandLine) -> None:
    up(local)
    before = local.record
    assert before.supervisor is not None
    before.supervisor.send(signal.SIGKILL)
    until(lambda: not local.record.is_supervised)
    local.identity("redis").send(signal.SIGKILL)

    up(local)

    assert local.identity("redis") != before.parts["redis"].process
    assert local.identity("envoy") == before.parts["envoy"].process


def test_parts_can_be_added_to_a_running_stack(local: CommandLine) -> None:
    assert local("up", "redis", "--free-ports").returncode == 0
    first = local.identity("redis")

    up(local)

    assert set(local.record.parts) == {"redis", "envoy"}
    assert local.identity("redis") == first


def test_down_ends_what_a_killed_supervisor_left(local: CommandLine) -> None:
    up(local, SERVERS)
    left = [local.identity(name) for name in SERVERS]
    supervisor = local.record.supervisor
    assert supervisor is not None

    supervisor.send(signal.SIGKILL)
    done = local("down")

    assert done.returncode == 0
    assert not any(identity.is_alive() for identity in left)


def test_down_again_is_no_error(local: CommandLine) -> None:
    up(local)

    assert [local("down").returncode, local("down").returncode] == [0, 0]


def test_data_outlives_down(local: CommandLine) -> None:
    up(local, SERVERS)
    with psycopg.connect(local.record.environment["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE kept ()")
    local("down")

    up(local, SERVERS)

    with psycopg.connect(local.record.environment["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT to_regclass('kept')").fetchone() == ("kept",)


def test_process_that_took_over_a_number_is_left_alone(local: CommandLine) -> None:
    up(local)
    local("down")
    with subprocess.Popen(["sleep", "60"]) as stranger:
        written = {
            "supervisor": {"pid": stranger.pid, "started": 1.0},
            "environment": {},
            "parts": {
                "redis": {
                    "state": "ready",
                    "since": 1.0,
                    "address": "",
                    "stop_signal": int(signal.SIGKILL),
                    "grace": 1.0,
                    "process": {"pid": stranger.pid, "started": 1.0},
                    "crashes": 0,
                }
            },
        }
        local.layout.record.write_text(json.dumps(written))

        local("down")
        up(local)

        assert stranger.poll() is None
        stranger.kill()


def test_busy_port_is_one_sentence(local: CommandLine) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        environment = Ports.free().environment() | {"API_PORT": str(port)}

        done = local("up", "envoy", **environment)

    assert done.returncode == 1
    assert f"port {port}, where envoy is to listen, is taken by" in done.stderr
    assert "set API_PORT to a free port" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_bad_setting_is_one_sentence(local: CommandLine) -> None:
    done = local("up", API_PORT="http")

    assert done.returncode == 1
    assert done.stderr == "error API_PORT='http' is not a whole number from 1 to 65535\n"


def test_given_servers_are_used_and_none_is_started(local: CommandLine, tmp_path: Path) -> None:
    with Stack(tmp_path, Settings.from_env({}).on(Ports.free()), only=SERVERS) as theirs:
        given = {name: theirs.environment[name] for name in ("DATABASE_URL", "REDIS_URL")}

        done = local("up", *SERVERS, "envoy", "--free-ports", **given)

        assert done.returncode == 0, done.stderr
        assert list(local.record.parts) == ["envoy"]
        assert local.record.environment["REDIS_URL"] == given["REDIS_URL"]


def test_program_finds_the_stack_by_its_environment(local: CommandLine) -> None:
    up(local)

    done = local("run", sys.executable, "-c", "import os; print(os.environ['DATABASE_URL'])")

    assert done.stdout.strip() == local.record.environment["DATABASE_URL"]


def test_stack_of_a_block_ends_with_it(tmp_path: Path) -> None:
    # A path that no socket can have, nor a URL without quoting.
    root = tmp_path / ("with a space, and too long" * 5)

    with Stack(root, Settings.from_env({}).on(Ports.free()), only=SERVERS) as stack:
        processes = [stack.part(name).process for name in SERVERS]
        assert all(process and process.is_alive() for process in processes)
        assert stack.layout.short(stack.layout.redis).exists()

    assert not any(process and process.is_alive() for process in processes)
    assert not stack.layout.short(stack.layout.redis).exists()


def test_running_stack_shares_its_data_with_no_other(local: CommandLine) -> None:
    up(local)
    other = Stack(local.layout.root, Settings.from_env({}).on(Ports.free()), only=("redis",))

    with pytest.raises(AlreadyUp):
        other.start()


def test_killed_part_of_a_block_can_be_restarted(tmp_path: Path) -> None:
    with Stack(tmp_path, Settings.from_env({}).on(Ports.free()), only=SERVERS) as stack:
        stack.part("postgres").kill()
        assert not stack.part("postgres").is_alive

        stack.restart("postgres")

        with psycopg.connect(stack.environment["DATABASE_URL"]) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_stack_ends_with_a_program_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HELD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "up\n"
        part = record.read(Layout(tmp_path).record).parts["redis"]

        holder.kill()

    until(lambda: not part.is_alive)
    assert not psutil.pid_exists(holder.pid)
