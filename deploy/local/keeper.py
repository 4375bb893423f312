"""Starts one part, knows its state, and starts it again when it ends by itself."""

from __future__ import annotations

import signal
import time
from concurrent import futures
from typing import TYPE_CHECKING

from deploy.local import processes
from deploy.local.errors import StackError
from deploy.local.processes import MARK, Identity
from deploy.local.record import Entry

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping

    from deploy.local.layout import Layout
    from deploy.local.part import Part

WAITING, STARTING, READY, CRASHED, STOPPED = "waiting", "starting", "ready", "crashed", "stopped"

PATIENCE = 60.0
"""Seconds in which a part must answer; then it is killed and counts as crashed."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds between a crash and the next start, doubled each time."""
WELL = 60.0
"""Seconds after which earlier crashes are forgotten."""

PREPARING = futures.ThreadPoolExecutor(thread_name_prefix="preparing")
PREPARED_AT_ONCE = 0.01
"""Seconds that most preparations do not even take."""


class Keeper:
    """One part of one stack, moved on by `advance` every now and then."""

    def __init__(self, part: Part, layout: Layout, shared: Mapping[str, str]) -> None:
        self.part = part
        self.state = STOPPED
        self.crashes = 0
        self.process: Identity | None = None
        self._since = time.time()
        self._layout = layout
        self._environment = {**shared, **part.environment, MARK: str(layout.root)}
        self._child: subprocess.Popen[bytes] | None = None
        self._preparation: futures.Future[None] | None = None

    @property
    def entry(self) -> Entry:
        """What is written down about the part."""
        return Entry(
            state=self.state,
            since=self._since,
            address=self.part.address,
            stop_signal=int(self.part.stop_signal),
            grace=self.part.grace,
            process=self.process,
            crashes=self.crashes,
        )

    def adopt(self, process: Identity) -> None:
        """Take over a process that an earlier supervisor started."""
        self.process = process
        self._enter(STARTING)

    def advance(self, is_ready: Callable[[str], bool]) -> None:
        """Do what is due; `is_ready` tells of the other parts."""
        if self.state in (STARTING, READY) and not self.is_alive:
            self._crash()
        elif self.state == STARTING and self.part.answers(self._started):
            self._enter(READY)
        elif self.state == STARTING and self._elapsed > PATIENCE:
            self.kill()
            self._crash()
        elif self.state == READY and self.crashes and self._elapsed > WELL:
            self.crashes = 0
        elif self.state == CRASHED and self._elapsed > self._pause:
            self._enter(WAITING)
        has_all = self.state == WAITING and all(is_ready(name) for name in self.part.needs)
        if has_all and self._is_prepared():
            self._spawn()

    def start(self) -> None:
        """Ask for the part to be started, unless it is under way."""
        if self.state in (STOPPED, CRASHED):
            self._enter(WAITING)

    def stop(self) -> None:
        """End the part gracefully and wait for it; again is no error."""
        if self.process is not None:
            processes.end(self.process, self.part.stop_signal, self.part.grace, self._layout.root)
        self._forget()
        self._enter(STOPPED)

    def kill(self) -> None:
        """End the part and its children as a crash would, and wait until they are gone."""
        if self.process is not None:
            processes.end(self.process, signal.SIGKILL, self.part.grace, self._layout.root)

    @property
    def is_alive(self) -> bool:
        """Whether the part's process runs."""
        if self._child is not None:
            return self._child.poll() is None
        return self.process is not None and self.process.is_alive()

    def _spawn(self) -> None:
        self._child = processes.spawn(
            self.part.command,
            environment=self._environment,
            log=self._layout.log(self.part.name),
            cwd=self.part.cwd,
            account=self.part.account,
        )
        self.process = Identity.of(self._child.pid)
        self._enter(STARTING)

    def _is_prepared(self) -> bool:
        """Return whether the part can be started now; it is prepared beside the others, once."""
        if self._preparation is None:
            self._preparation = PREPARING.submit(self.part.prepare)
        futures.wait([self._preparation], PREPARED_AT_ONCE)
        if not self._preparation.done():
            return False
        try:
            self._preparation.result()
        except (StackError, OSError) as error:
            with self._layout.log(self.part.name).open("a") as log:
                log.write(f"{error}\n")
            self._preparation = None
            self._crash()
            return False
        return True

    def _crash(self) -> None:
        if self.process is not None:
            processes.clear(self.process, self._layout.root)
        self._forget()
        self.crashes += 1
        self._enter(CRASHED)

    def _forget(self) -> None:
        if self._child is not None:
            self._child.wait()
        self._child = None
        self.process = None

    def _enter(self, state: str) -> None:
        self.state = state
        self._since = time.time()

    @property
    def _started(self) -> float:
        return 0.0 if self.process is None else self.process.started

    @property
    def _elapsed(self) -> float:
        return time.time() - self._since

    @property
    def _pause(self) -> float:
        return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (self.crashes - 1))
