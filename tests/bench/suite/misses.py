"""From a photo to its drawing: alone, and as many as the machine draws."""

from __future__ import annotations

import base64
import io
import itertools
import json
import multiprocessing
import os
import socket
import statistics
import time
from typing import TYPE_CHECKING, Any

import cpu
import load
from figures import Figure, at_least, at_most
from hits import FORM_TYPE
from photos import FACE, Form

from deploy.local.services import PROCESS
from services.processor import masks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from targets import Target

RENDER = "/api/v1/frontal/crop/render"
CROP = "/api/v1/frontal/crop"
STEPS = "image_processing_duration_seconds_sum{"
ALONE = 25
"""Photos drawn one by one, in each way."""
FIRST = 3
"""Before them, for connections and caches."""
PROCESSES = 2
DRAW_SECONDS = 5.0


def one_by_one(suite: Target, form: Form, *, first: int) -> Iterator[Figure]:
    """Yield what a photo takes on an idle system, and beyond its drawing.

    What drawings take is what the workers say of their steps: a task's `processing_time_ms` has its
    ways to the worker and back too.
    """
    group, photos = "misses, alone", itertools.count(first)
    totals: dict[str, list[float]] = {way: [] for way in WAYS}
    with socket.create_connection(suite.address) as connection:
        for draw in [*WAYS.values()] * FIRST:
            draw(connection, form, next(photos))
        drawn = drawn_seconds(connection)
        for _ in range(ALONE):
            for way, draw in WAYS.items():
                began = time.perf_counter()
                draw(connection, form, next(photos))
                totals[way].append((time.perf_counter() - began) * 1000)
        drawing = (drawn_seconds(connection) - drawn) * 1000 / ALONE / len(WAYS)
    yield Figure(group, "drawing", drawing, "ms")
    yield Figure(group, "submit to SVG, p50", statistics.median(totals[""]), "ms")
    for way, taken in totals.items():
        beyond = statistics.median(taken) - drawing
        figure = Figure(group, f"beyond the drawing{way}, p50", beyond, "ms")
        yield figure if way else at_most(figure, 35)


def watched(connection: socket.socket, form: Form, number: int) -> None:
    """Submit a photo and watch it; the last record has its SVG, and nothing else of the drawing."""
    task_id = submitted(connection, form, number)
    drawing = last_record(connection, f"{task_id}?read_mask=status,result.svg")["result"]
    base64.b64decode(drawing["svg"])


def watched_whole(connection: socket.socket, form: Form, number: int) -> None:
    """The same with all regions and their points."""
    drawing = last_record(connection, submitted(connection, form, number))["result"]
    base64.b64decode(drawing["svg"])


def fetched(connection: socket.socket, form: Form, number: int) -> None:
    """Submit a photo, watch it, and fetch its SVG."""
    task_id = submitted(connection, form, number)
    last_record(connection, f"{task_id}?read_mask=status")
    load.exchange(connection, load.get(f"{CROP}/svg/{task_id}"))


def rendered(connection: socket.socket, form: Form, number: int) -> None:
    """Have a photo drawn by one call."""
    load.exchange(connection, load.post(RENDER, FORM_TYPE, form.pieces(number)))


WAYS: dict[str, Callable[[socket.socket, Form, int], None]] = {
    "": watched,
    ", with all of its regions": watched_whole,
    ", the SVG by a call of its own": fetched,
    " by one call": rendered,
}


def submitted(connection: socket.socket, form: Form, number: int) -> str:
    """Submit a photo and return its task."""
    request = load.post(f"{CROP}/submit", FORM_TYPE, form.pieces(number))
    task_id: str = json.loads(load.exchange(connection, request)[1])["task_id"]
    return task_id


def last_record(connection: socket.socket, what: str) -> Any:
    """Return the last of the server-sent events that a watch brings."""
    records = load.exchange(connection, load.get(f"{CROP}/watch/{what}"))[1]
    return json.loads(records.rpartition(b"data: ")[2])


def drawn_seconds(connection: socket.socket) -> float:
    """Return the seconds that all steps of all drawings took so far."""
    series = load.exchange(connection, load.get("/metrics"))[1].decode()
    return sum(float(line.split()[-1]) for line in series.splitlines() if line.startswith(STEPS))


def together(
    suite: Target, form: Form, *, count: int, connections: int = 8, first: int = 0
) -> Iterator[Figure]:
    """Yield how many faces a second the suite draws beside what drawing alone would allow."""
    alone = drawing_alone()
    with cpu.spent(suite.pids) as used:
        drawn = load.drive(
            suite.address,
            lambda number: load.post(RENDER, FORM_TYPE, form.pieces(first + number)),
            connections=connections,
            count=count,
        )
    group = f"misses, {connections} at once, {count} photos"
    yield at_least(Figure(group, "faces", drawn.rate, "/s"), 25)
    yield Figure(group, "drawing alone", alone, "/s")
    yield at_least(Figure(group, "faces / drawing alone", drawn.rate / alone, ""), 0.85)
    yield at_most(Figure(group, "not 200", drawn.refused, ""), 0)
    for part, seconds in used.items():
        yield Figure(group, f"CPU of {part}", seconds / count * 1000, "ms")


def drawing_alone() -> float:
    """Return faces a second that as many processes as workers draw without anything around."""
    os.environ.update(PROCESS)  # memory as the workers have it; it is read when a process begins
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        return sum(pool.map(draw_for_a_while, [DRAW_SECONDS] * PROCESSES))


def draw_for_a_while(seconds: float) -> float:
    """Return the faces that this process draws a second."""
    inputs = masks.Inputs(
        image=io.BytesIO(Form.of_face().photo(0)),
        landmarks=(FACE / "landmarks.json").read_bytes(),
        segmentation_map=(FACE / "segmentation_map.png").read_bytes(),
    )
    masks.draw(inputs, masks.Options())
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        masks.draw(inputs, masks.Options())
        count += 1
    return count / (time.perf_counter() - began)
