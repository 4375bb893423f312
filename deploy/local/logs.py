"""The logs of all parts in one, by time, each line with its part's name."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from deploy.local import console

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from deploy.local.layout import Layout

STAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?")
COLOURS = ("cyan", "green", "yellow", "blue", "magenta", "bright_cyan", "bright_green", "white")
POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Line:
    """One line of one part; `stamp` sorts by time, as text."""

    part: str
    stamp: str
    text: str


def show(layout: Layout, parts: Sequence[str], *, lines: int, follow: bool) -> None:
    """Print the last lines of the parts' logs, all of them if none is named; go on if told to."""
    readers = {name: Reader(layout, name) for name in chosen(layout, parts)}
    last = [line for reader in readers.values() for line in list(reader.read())[-lines:]]
    write(sorted(last, key=lambda line: line.stamp)[-lines:])
    while follow:
        time.sleep(POLL_SECONDS)
        for name in chosen(layout, parts):  # a part may write its first line only now
            readers.setdefault(name, Reader(layout, name))
        fresh = [line for reader in readers.values() for line in reader.read()]
        write(sorted(fresh, key=lambda line: line.stamp))


def chosen(layout: Layout, parts: Sequence[str]) -> list[str]:
    """Return the parts that have a log and are asked for."""
    written = sorted(path.stem for path in (layout.root / "log").glob("*.log"))
    return [name for name in written if not parts or name in parts]


class Reader:
    """What is added to one log, from its beginning."""

    def __init__(self, layout: Layout, part: str) -> None:
        self._path = layout.log(part)
        self._part = part
        self._offset = 0
        self._stamp = ""

    def read(self) -> Iterator[Line]:
        """Yield the whole lines that are new; one without a time takes that of the one before."""
        if self._path.stat().st_size < self._offset:  # a fresh file has taken its place
            self._offset = 0
        with self._path.open("rb") as log:
            log.seek(self._offset)
            for line in log:
                if not line.endswith(b"\n"):
                    return
                self._offset += len(line)
                text = line.decode(errors="replace").rstrip()
                found = STAMP.search(text)
                if found:
                    self._stamp = found[0].replace("T", " ").replace(",", ".")
                yield Line(self._part, self._stamp, text)


def write(lines: Sequence[Line]) -> None:
    """Print lines, each part in its colour."""
    for line in lines:
        colour = COLOURS[sum(line.part.encode()) % len(COLOURS)]
        console.out.print(
            Text(f"{line.part:<10} ", style=colour) + Text.from_ansi(line.text), soft_wrap=True
        )
