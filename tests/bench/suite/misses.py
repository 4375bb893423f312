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
    from multiprocessing.pool import Pool

    from targets import Target

RENDER = "/api/v1/frontal/crop/render"
CROP = "/api/v1/frontal/crop"
ALONE = 25
"""Photos drawn one by one."""
PROCESSES = 2
DRAW_SECONDS = 5.0


def one_by_one(suite: Target, form: Form, *, first: int) -> Iterator[Figure]:
    """Yield what a photo takes on an idle system, and beyond its drawing.

    What the drawing takes is measured by itself: a task's `processing_time_ms` has its way to the
    worker and back too.
    """
    alone = drawing_ms()
    totals, fetched = [], []
    with socket.create_connection(suite.address) as connection:
        for number in range(first, first + ALONE):
            began = time.perf_counter()
            request = load.post(f"{CROP}/submit", FORM_TYPE, form.pieces(number))
            task_id = json.loads(load.exchange(connection, request)[1])["task_id"]
            records = load.exchange(connection, load.get(f"{CROP}/watch/{task_id}"))[1]
            svg = base64.b64decode(last_of(records)["result"]["svg"])
            totals.append((time.perf_counter() - began) * 1000)
            again = load.exchange(connection, load.get(f"{CROP}/svg/{task_id}"))[1]
            fetched.append((time.perf_counter() - began) * 1000)
            if svg not in (again, load.unchunked(again)):
                raise SystemExit(f"task {task_id} has two drawings")
    group = "misses, alone"
    total, beyond = statistics.median(totals), statistics.median(totals) - alone
    yield Figure(group, "drawing, p50", alone, "ms")
    yield Figure(group, "submit to SVG, p50", total, "ms")
    yield at_most(Figure(group, "beyond the drawing, p50", beyond, "ms"), 35)
    beyond = statistics.median(fetched) - alone
    yield Figure(group, "beyond the drawing, the SVG by a call of its own, p50", beyond, "ms")
    with socket.create_connection(suite.address) as connection:
        rendered = [rendering(connection, form, first + ALONE + n) for n in range(ALONE)]
    beyond = statistics.median(rendered) - alone
    yield Figure(group, "beyond the drawing by one call, p50", beyond, "ms")


def last_of(records: bytes) -> Any:
    """Return the last of the server-sent events that a watch brought."""
    return json.loads(load.unchunked(records).rpartition(b"data: ")[2])


def rendering(connection: socket.socket, form: Form, number: int) -> float:
    """Return the milliseconds from a photo to its SVG where one call brings it."""
    began = time.perf_counter()
    load.exchange(connection, load.post(RENDER, FORM_TYPE, form.pieces(number)))
    return (time.perf_counter() - began) * 1000


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


def drawing_ms() -> float:
    """Return the median milliseconds of a drawing without anything around it."""
    with drawing(1) as pool:
        return statistics.median(pool.apply(drawn, [ALONE]))


def drawing_alone() -> float:
    """Return faces a second that as many processes as workers draw without anything around."""
    with drawing(PROCESSES) as pool:
        return sum(pool.map(draw_for_a_while, [DRAW_SECONDS] * PROCESSES))


def drawing(processes: int) -> Pool:
    """Return processes that draw, with their memory as the workers have it."""
    os.environ.update(PROCESS)  # read when a process begins
    return multiprocessing.get_context("spawn").Pool(processes)


def drawn(count: int) -> list[float]:
    """Return the milliseconds that each of some drawings takes."""
    inputs = face()
    masks.draw(inputs, masks.Options())
    times = []
    for _ in range(count):
        began = time.perf_counter()
        masks.draw(inputs, masks.Options())
        times.append((time.perf_counter() - began) * 1000)
    return times


def draw_for_a_while(seconds: float) -> float:
    """Return the faces that this process draws a second."""
    inputs = face()
    masks.draw(inputs, masks.Options())
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        masks.draw(inputs, masks.Options())
        count += 1
    return count / (time.perf_counter() - began)


def face() -> masks.Inputs:
    """Return what is drawn throughout."""
    return masks.Inputs(
        image=io.BytesIO(Form.of_face().photo(0)),
        landmarks=(FACE / "landmarks.json").read_bytes(),
        segmentation_map=(FACE / "segmentation_map.png").read_bytes(),
    )
