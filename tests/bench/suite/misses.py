"""From a photo to its drawing: alone, and as many as the machine draws."""

from __future__ import annotations

import base64
import io
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
    from collections.abc import Iterator

    from targets import Target

RENDER = "/api/v1/frontal/crop/render"
CROP = "/api/v1/frontal/crop"
STEPS = "image_processing_duration_seconds_sum{"
ALONE = 25
"""Photos drawn one by one."""
PROCESSES = 2
DRAW_SECONDS = 5.0


def one_by_one(suite: Target, form: Form, *, first: int) -> Iterator[Figure]:
    """Yield what a photo takes on an idle system, and beyond its drawing.

    What drawings take is what the workers say of their steps: a task's `processing_time_ms` has its
    ways to the worker and back too.
    """
    totals, fetched, rendered = [], [], []
    with socket.create_connection(suite.address) as connection:
        drawn = drawn_seconds(connection)
        for number in range(first, first + ALONE):
            began = time.perf_counter()
            request = load.post(f"{CROP}/submit", FORM_TYPE, form.pieces(number))
            task_id = json.loads(load.exchange(connection, request)[1])["task_id"]
            records = load.exchange(connection, load.get(f"{CROP}/watch/{task_id}"))[1]
            svg = base64.b64decode(last_of(records)["result"]["svg"])
            totals.append(since(began))
            again = load.exchange(connection, load.get(f"{CROP}/svg/{task_id}"))[1]
            fetched.append(since(began))
            if svg != again:
                raise SystemExit(f"task {task_id} has two drawings")
        drawing = (drawn_seconds(connection) - drawn) * 1000 / ALONE
        for number in range(first + ALONE, first + 2 * ALONE):
            began = time.perf_counter()
            load.exchange(connection, load.post(RENDER, FORM_TYPE, form.pieces(number)))
            rendered.append(since(began))
        drawing_again = (drawn_seconds(connection) - drawn) * 1000 / ALONE - drawing
    group = "misses, alone"
    yield Figure(group, "drawing", drawing, "ms")
    yield Figure(group, "submit to SVG, p50", statistics.median(totals), "ms")
    beyond = statistics.median(totals) - drawing
    yield at_most(Figure(group, "beyond the drawing, p50", beyond, "ms"), 35)
    beyond = statistics.median(fetched) - drawing
    yield Figure(group, "beyond the drawing, the SVG by a call of its own, p50", beyond, "ms")
    beyond = statistics.median(rendered) - drawing_again
    yield Figure(group, "beyond the drawing by one call, p50", beyond, "ms")


def drawn_seconds(connection: socket.socket) -> float:
    """Return the seconds that all steps of all drawings took so far."""
    series = load.exchange(connection, load.get("/metrics"))[1].decode()
    return sum(float(line.split()[-1]) for line in series.splitlines() if line.startswith(STEPS))


def since(began: float) -> float:
    """Return the milliseconds since a moment."""
    return (time.perf_counter() - began) * 1000


def last_of(records: bytes) -> Any:
    """Return the last of the server-sent events that a watch brought."""
    return json.loads(records.rpartition(b"data: ")[2])


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
