"""Large photos at once: how fast they come in, and what they take of the gateway's memory."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Self

import cpu
import load
from figures import Figure, at_most
from hits import FORM_TYPE, SUBMIT
from photos import Form

if TYPE_CHECKING:
    from collections.abc import Iterator

    from targets import Target

PHOTO_BYTES = 25_000_000
MIB = 1024 * 1024
LOOK_SECONDS = 0.02


def measure(suite: Target, *, first: int) -> Iterator[Figure]:
    """Yield speed and memory at 1, 8 and 64 uploads at once."""
    form = Form.of_face(photo_bytes=PHOTO_BYTES)
    for connections in (1, 8, 64):
        count = max(connections, 4)
        group = f"uploads of 25 MB, {connections} at once"
        with Peak(suite.pids["gateway"]) as gateway, Peak(suite.pids["envoy"]) as envoy:
            done = load.drive(
                suite.address,
                partial(submission, form, first + connections * 1000),
                connections=connections,
                count=count,
            )
        yield Figure(group, "speed", count * form.size / MIB / done.seconds, "MiB/s")
        grown = Figure(group, "gateway grew by", gateway.grown / MIB, "MiB")
        yield at_most(grown, 64) if connections == 8 else grown
        yield Figure(group, "Envoy grew by", envoy.grown / MIB, "MiB")
        yield at_most(Figure(group, "not 200", done.refused, ""), 0)


def submission(form: Form, first: int, number: int) -> load.Request:
    """Return the submission of one of the photos from `first` on."""
    return load.post(SUBMIT, FORM_TYPE, form.pieces(first + number))


class Peak:
    """Looks at the memory of a process while the block runs."""

    def __init__(self, pid: int) -> None:
        self.grown = 0
        self._pid = pid
        self._base = cpu.memory(pid)
        self._over = threading.Event()
        self._looking = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._looking.join()

    def _look(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            self.grown = max(self.grown, cpu.memory(self._pid) - self._base)
