"""Pictures of the command line, as a terminal shows it: `python -m deploy.pictures.terminals`.

They are taken of a suite that runs, where `FACESVG_URL` says, and drawn as SVG.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from deploy.local.layout import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Sequence

IMAGES = REPOSITORY / "docs/images"
HOPPER = REPOSITORY / "tests/data/faces/hopper"
COLUMNS, LINES = 84, 50
SCENES = {
    "cli-help.svg": ("facesvg --help",),
    "cli-draw.svg": (
        "facesvg draw face.jpg --embed-image",
        "facesvg draw photos/ -o drawings/",
    ),
    "cli-suite.svg": ("facesvg stats", "facesvg recent --limit 4", "facesvg health"),
}
"""The commands of each picture, one after the other."""
FRAME = re.compile(r"\r\x1b\[2K([^\r]*)")
"""What a progress bar puts in place of itself."""
BEGUN = re.compile(r"(?<!\d)[1-9]\d? %|(?<!\d)[1-9]\d*/\d")
"""A bar that is under way: its per cent, or how many of how many."""
CURSOR_BACK = "\x1b[?25h"
"""What ends a progress bar."""
CONTROL = re.compile(r"\x1b\[\d*[AK]|\r")
FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace"


def main() -> None:
    """Write the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        lay(Path(folder))
        for name, commands in SCENES.items():
            (IMAGES / name).write_text(picture(commands, Path(folder)), encoding="utf-8")


def picture(commands: Sequence[str], folder: Path) -> str:
    """Return what a terminal shows of some commands, as an SVG that fetches nothing."""
    screen = Console(
        width=COLUMNS, record=True, force_terminal=True, file=io.StringIO(), legacy_windows=False
    )
    for number, command in enumerate(commands):
        shown = seen(printed(command, folder))
        screen.print(Text.assemble("\n" * bool(number), ("$ ", "dim"), (command, "bold")))
        screen.print(Text.from_ansi(shown.rstrip()))
    svg = screen.export_svg(title="facesvg", unique_id="facesvg")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code, monospace", FONTS)


def printed(command: str, folder: Path) -> str:
    """Return everything that a command writes to a terminal."""
    outer, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    program, *arguments = command.split()
    path = Path(sys.executable).with_name(program)
    terminal = {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    with subprocess.Popen(
        [path, *arguments],
        cwd=folder,
        env={**os.environ, **terminal},
        stdin=inner,
        stdout=inner,
        stderr=inner,
    ):
        os.close(inner)
        written = b""
        try:
            while piece := os.read(outer, 65_536):
                written += piece
        except OSError:  # how Linux says that the other side is closed
            pass
        os.close(outer)
    return written.decode()


def seen(written: str) -> str:
    r"""Return what a person sees of it: a progress bar as it was before its end, then the rest.

    >>> seen("\r\x1b[2K-- 0 %\r\x1b[2K=- 50 %\r\x1b[2K== 100 %\x1b[?25h\r\x1b[1A\x1b[2Kdone\r\n")
    '=- 50 %\ndone\n'
    """
    moving, _, still = written.rpartition(CURSOR_BACK)
    under_way = [frame for frame in FRAME.findall(moving)[:-1] if BEGUN.search(frame)]
    return "".join(f"{frame}\n" for frame in under_way[-1:]) + CONTROL.sub("", still)


def lay(folder: Path) -> None:
    """Put a face into a folder, and six into one in it, each like no face that was ever drawn."""
    points = json.loads((HOPPER / "landmarks.json").read_text())
    places = [folder / "face.jpg", *(folder / f"photos/{n:02}.jpg" for n in range(1, 7))]
    for number, photo in enumerate(places):
        photo.parent.mkdir(exist_ok=True)
        photo.write_bytes((HOPPER / "photo.jpg").read_bytes())
        points[0]["x"] += (number + time.time() % 1) / 1e3
        photo.with_suffix(".json").write_text(json.dumps(points))
        photo.with_suffix(".map.png").write_bytes((HOPPER / "segmentation_map.png").read_bytes())


if __name__ == "__main__":
    main()
