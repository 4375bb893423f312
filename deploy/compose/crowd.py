"""Draws many faces at once through the running containers: `STACK=docker make crowd`.

Says which worker drew how many, and fails when a face that was accepted is not drawn. With
`--kill PART` one container of that part is killed when a third is drawn, and started again five
seconds later; what it held must be drawn all the same.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.compose.door import door
from deploy.compose.smoke import FILES, SUBMIT, UNFINISHED
from deploy.local.errors import StackError

if TYPE_CHECKING:
    from deploy.local.rest import Rest

CLIENTS = 12
PATIENCE_SECONDS = 180
"""More than the lease of a worker that is gone, and two drawings after it."""
AWAY_SECONDS = 5
PAUSE_SECONDS = 0.2
ASK = (
    "import urllib.request as u; print(u.urlopen('http://127.0.0.1:9104/metrics').read().decode())"
)
DRAWN = re.compile(r'^task_completions_total\{status="SUCCESS"\} (\S+)', re.MULTILINE)


def main() -> int:
    """Draw, and say what came of it; 1 when a face is lost."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("url")
    parser.add_argument("--faces", type=int, default=300)
    parser.add_argument("--kill", metavar="PART", default="", help="such as worker, or cache")
    options = parser.parse_args()
    before = drawn()
    started = time.monotonic()
    states = Crowd(door(options.url), options.faces, options.kill).drawn()
    seconds = time.monotonic() - started
    for worker, count in sorted(drawn().items()):
        was = before.get(worker, 0)
        print(f"{worker} drew {count - was if count >= was else count:.0f}")  # anew, it counts anew
    lost = {number: state for number, state in states.items() if state != "SUCCESS"}
    print(f"{options.faces} faces in {seconds:.0f} s, {options.faces / seconds:.1f} a second")
    print(*(f"face {number} is lost: {state}" for number, state in lost.items()), sep="\n", end="")
    return 1 if lost else 0


class Crowd:
    """Clients that send one face after another, each until it is accepted."""

    def __init__(self, rest: Rest, faces: int, kill: str) -> None:
        self._rest = rest
        self._faces = faces
        self._kill = kill
        self._done = itertools.count(1)
        self._salt = secrets.randbelow(10**6)

    def drawn(self) -> dict[int, str]:
        """Return what became of each face."""
        with ThreadPoolExecutor(CLIENTS) as pool:
            numbers = range(self._faces)
            return dict(zip(numbers, pool.map(self._draw, numbers), strict=True))

    def _draw(self, number: int) -> str:
        end = time.monotonic() + PATIENCE_SECONDS
        state = "not accepted"
        task_id = ""
        while time.monotonic() < end:
            try:
                if not task_id:
                    task_id = self._submitted(number)
                state = self._rest.json(f"/api/v1/frontal/crop/status/{task_id}")["status"]
            except StackError as error:
                state = str(error)
            else:
                if state not in UNFINISHED:
                    break
            time.sleep(PAUSE_SECONDS)
        if next(self._done) == self._faces // 3 and self._kill:
            threading.Thread(target=struck, args=(self._kill,)).start()
        return state

    def _submitted(self, number: int) -> str:
        landmarks = json.loads(FILES["landmarks"].read_text())
        # Moved by a hair: a face that no cache knows.
        landmarks[0]["x"] += (self._salt + number / self._faces) / 1e9
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(landmarks, file)
            file.flush()
            sent = {**FILES, "landmarks": Path(file.name)}
            return str(self._rest.submit(SUBMIT, sent)["task_id"])


def containers(part: str) -> list[str]:
    """Return the names of a part's containers."""
    labels = ("com.docker.compose.project=facesvg", f"com.docker.compose.service={part}")
    chosen = [word for label in labels for word in ("--filter", f"label={label}")]
    return docker("ps", *chosen, "--format", "{{.Names}}").split()


def drawn() -> dict[str, float]:
    """Return how many faces each worker drew since it started."""
    pages = {name: docker("exec", name, "python", "-c", ASK) for name in containers("worker")}
    return {
        name: float(found[1]) if (found := DRAWN.search(page)) else 0.0
        for name, page in pages.items()
    }


def struck(part: str) -> None:
    """Kill one container of a part, and start it again."""
    name = containers(part)[-1]
    print(f"killing {name}")
    docker("kill", name)
    time.sleep(AWAY_SECONDS)
    docker("start", name)


def docker(*words: str) -> str:
    """Return what Docker says."""
    program = ["docker", *words]
    return subprocess.run(program, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
