"""The whole suite on this machine, as an object.

    with Stack(root=tmp_path, settings=Settings.from_env({}).on(Ports.free())) as stack:
        httpx.get(f"{stack.url}/health")
        stack.part("cache").kill()
        stack.restart("cache")

What is started here ends here: with the `with` block, and with the program that holds it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Self

from deploy.local import door, postgres, processes, record, redis, services
from deploy.local.errors import AlreadyUp, PartFailed, PortTaken
from deploy.local.keeper import CRASHED, READY, Keeper
from deploy.local.layout import REPOSITORY, Layout
from deploy.local.ports import Ports, holder, is_free
from deploy.local.record import Record
from deploy.local.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from deploy.local.part import Part
    from deploy.local.processes import Identity

PARTS = ("postgres", "redis", "cache", "processor", "worker", "gateway", "envoy")
"""In the order in which they are started; they are stopped in reverse."""

TICK_SECONDS = 0.05


class Stack:
    """The parts, each with its keeper."""

    def __init__(
        self,
        root: Path,
        settings: Settings | None = None,
        *,
        only: Sequence[str] = PARTS,
        supervisor: Identity | None = None,
    ) -> None:
        self.layout = Layout(root.resolve())
        self.settings = settings or Settings.from_env(os.environ).on(Ports.free())
        self._supervisor = supervisor
        self._guard: subprocess.Popen[bytes] | None = None
        self._written = Record()
        self.layout.create()
        parts, self.environment = plan(self.layout, self.settings, only)
        shared = {**services.environment(self.settings), **self.environment}
        self._keepers = {part.name: Keeper(part, self.layout, shared) for part in parts}

    @property
    def url(self) -> str:
        """Where clients find the suite."""
        return door.url(self.settings)

    @property
    def names(self) -> set[str]:
        """The names of the parts."""
        return set(self._keepers)

    @property
    def keepers(self) -> Sequence[Keeper]:
        """The parts in the order in which they are started."""
        return tuple(self._keepers.values())

    def part(self, name: str) -> Keeper:
        """Return the keeper of a part."""
        return self._keepers[name]

    def __enter__(self) -> Self:
        self._guard = subprocess.Popen(
            [sys.executable, "-m", "deploy.local.guard", str(self.layout.root)],
            stdin=subprocess.PIPE,
            cwd=REPOSITORY,
            start_new_session=True,
        )
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        postgres.erase(self.layout)
        if self._guard is not None:
            self._guard.communicate()

    def check(self) -> None:
        """Raise `PortTaken` if a part that does not run yet could not listen."""
        for keeper in self._keepers.values():
            if keeper.is_alive:
                continue
            for variable, port in keeper.part.ports.items():
                host = self.settings.host if variable == "API_PORT" else services.LOOPBACK
                if not is_free(host, port):
                    raise PortTaken(port, variable, keeper.part.name, holder(port))

    def adopt(self) -> None:
        """Take over what an earlier supervisor of the same stack left running; end other things.

        Only what was written down as started by it is touched.
        """
        left = record.read(self.layout.record)
        is_same = left.environment == self.environment
        for name, entry in reversed(left.parts.items()):
            if not entry.is_alive or entry.process is None:
                continue
            if is_same and name in self._keepers:
                self._keepers[name].adopt(entry.process)
            else:
                processes.end(entry.process, entry.stop_signal, entry.grace, self.layout.root)

    def begin(self) -> None:
        """Ask for every part to be started; `tick` does it."""
        for keeper in self._keepers.values():
            keeper.start()

    def start(self, *, within: float = 120.0) -> None:
        """Start every part and wait until all answer; raises `PartFailed` when one does not."""
        if record.read(self.layout.record).is_up:
            raise AlreadyUp(self.layout.root)
        self.check()
        self.begin()
        self._wait(self.keepers, within)

    def restart(self, name: str, *, within: float = 60.0) -> None:
        """Stop a part if it runs, start it, and wait until it answers."""
        keeper = self._keepers[name]
        keeper.stop()
        keeper.start()
        self._wait([keeper], within)

    def is_ready(self, name: str | None = None) -> bool:
        """Return whether a part, or every part, answered; one that is not ours counts as ready."""
        if name is not None:
            return name not in self._keepers or self._keepers[name].state == READY
        return all(keeper.state == READY for keeper in self._keepers.values())

    def tick(self) -> None:
        """Move every part on, and write down what changed."""
        for keeper in self._keepers.values():
            keeper.advance(self.is_ready)
            self._write()

    def stop(self) -> None:
        """Stop every part in reverse order; again is no error."""
        for keeper in reversed(self._keepers.values()):
            keeper.stop()
            self._write()

    def _wait(self, keepers: Sequence[Keeper], within: float) -> None:
        deadline = time.monotonic() + within
        self.tick()
        while late := [keeper for keeper in keepers if keeper.state != READY]:
            for name, state in ((keeper.part.name, keeper.state) for keeper in late):
                if state == CRASHED:
                    raise PartFailed(name, "ended by itself", self.layout.log(name))
                if time.monotonic() > deadline:
                    raise PartFailed(name, f"did not answer in {within:g} s", self.layout.log(name))
            time.sleep(TICK_SECONDS)
            self.tick()

    def _write(self) -> None:
        now = Record(
            supervisor=self._supervisor,
            environment=self.environment,
            parts={name: keeper.entry for name, keeper in self._keepers.items()},
        )
        if now != self._written:
            record.write(self.layout.record, now)
            self._written = now


def plan(
    layout: Layout, settings: Settings, only: Sequence[str]
) -> tuple[list[Part], dict[str, str]]:
    """Return the parts to start, in order, and the variables that lead a program to them."""
    parts = []
    database_url, redis_url = settings.database_url, settings.redis_url
    if not database_url:
        part, database_url = postgres.plan(layout)
        parts.append(part)
    if not redis_url:
        part, redis_url = redis.plan(layout)
        parts.append(part)
    parts += services.plan(settings, redis_url)
    parts.append(door.plan(layout, settings, has_gateway="gateway" in only))
    return [part for part in parts if part.name in only], services.addresses(
        settings, database_url, redis_url
    )
