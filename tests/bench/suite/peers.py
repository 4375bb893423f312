"""The peer, FastAPI and Celery around the same drawing library, measured like the suite."""

from __future__ import annotations

import base64
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import load
import targets
from figures import Figure, at_least
from misses import ALONE, FIRST
from photos import FACE, Form

from deploy.local.ports import Ports
from deploy.local.services import PROCESS
from deploy.local.settings import Settings
from deploy.local.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PEER = Path(__file__).resolve().parents[1] / "peer"
POLL_SECONDS = 0.02
"""As often as a client in a hurry asks."""
SECONDS = 4.0


@contextmanager
def serving(root: Path) -> Iterator[tuple[str, int]]:
    """Run the peer and what it stands on."""
    settings = Settings.from_env(targets.ENVIRONMENT).on(Ports.free())
    port = settings.ports.api_port
    with Stack(root, settings, only=("postgres", "redis")) as stack, ExitStack() as until:
        environment = {
            **os.environ,
            **PROCESS,  # memory as the suite's parts have it
            **stack.environment,
            "REDIS_URL": celery_url(stack.environment["REDIS_URL"]),
        }
        python = sys.executable
        subprocess.run([python, "peer_app.py"], cwd=PEER, env=environment, check=True)
        serve = ["uvicorn", "peer_app:app", "--port", str(port), "--no-access-log"]
        work = [
            "celery",
            "-A",
            "peer_app:queue",
            "worker",
            "--concurrency",
            "2",
            "--loglevel",
            "ERROR",
        ]
        log = until.enter_context((root / "peer.log").open("wb"))
        for command in (serve, work):
            process = subprocess.Popen(
                [python, "-m", *command],
                cwd=PEER,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            until.callback(process.wait)
            until.callback(process.terminate)
        targets.ready(f"http://127.0.0.1:{port}/openapi.json")
        yield "127.0.0.1", port


def celery_url(url: str) -> str:
    """Return the address of Redis as Celery writes that of a socket."""
    return url.replace("unix://", "redis+socket://")


def measure(root: Path, ours: Sequence[Figure]) -> Iterator[Figure]:
    """Yield the peer's figures, and ours as multiples of them where ours are there."""
    form = Form.of_face()
    known = {(figure.group, figure.name): figure.value for figure in ours}
    with serving(root) as address:
        overhead = one_by_one(address, form)
        yield Figure("peer", "miss beyond the drawing, p50", overhead, "ms")
        mine = known.get(("misses, alone", "beyond the drawing, p50"))
        if mine:
            yield at_least(Figure("peer", "its overhead / ours", overhead / mine, ""), 4)
        request = submission(form, 0)
        for connections in (1, 8):
            done = load.drive(address, lambda _: request, connections=connections, seconds=SECONDS)
            group = f"peer, hits, {connections} connection{'s' * (connections > 1)}"
            yield Figure(group, "answers", done.rate, "/s")
            yield Figure(group, "p50", done.quantile(0.5), "ms")
            yield Figure(group, "not 200", done.refused, "")
            for way in ("known", "kept"):
                mine = known.get((group.removeprefix("peer, "), f"{way}: answers"))
                if mine:
                    ratio = Figure(group, f"our {way} hits / its hits", mine / done.rate, "")
                    yield at_least(ratio, 12)


def one_by_one(address: tuple[str, int], form: Form) -> float:
    """Return the median milliseconds from a photo to its SVG beyond its drawing."""
    overheads: list[float] = []
    with socket.create_connection(address, timeout=60) as connection:
        for number in range(FIRST + ALONE):
            began = time.perf_counter()
            answer = load.exchange(connection, submission(form, number))[1]
            task_id = json.loads(answer)["task_id"]
            while True:
                task = json.loads(load.exchange(connection, load.get(f"/status/{task_id}"))[1])
                if task["status"] == "SUCCESS":
                    break
                time.sleep(POLL_SECONDS)
            base64.b64decode(task["svg"])
            total = (time.perf_counter() - began) * 1000
            overheads.append(total - task["processing_time_ms"])
    return statistics.median(overheads[FIRST:])


def submission(form: Form, number: int) -> load.Request:
    """Return what the peer is sent."""
    body = {
        "image": base64.b64encode(form.photo(number)).decode(),
        "landmarks": json.loads((FACE / "landmarks.json").read_text()),
        "segmentation_map": base64.b64encode((FACE / "segmentation_map.png").read_bytes()).decode(),
    }
    return load.post("/submit", "application/json", [json.dumps(body).encode()])
