"""From a photo to its drawing: alone, and as many as the machine draws."""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import socket
import statistics
import time
from typing import TYPE_CHECKING

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
RECENT = "/api/v1/cache/recent?limit=1"
ALONE = 25
"""Photos drawn one by one."""
PROCESSES = 2
DRAW_SECONDS = 5.0


def one_by_one(suite: Target, form: Form, *, first: int) -> Iterator[Figure]:
    """Yield what a photo takes on an idle system beyond its drawing."""
    totals, overheads = [], []
    with socket.create_connection(suite.address) as connection:
        for number in range(first, first + ALONE):
            began = time.perf_counter()
            request = load.post(f"{CROP}/submit", FORM_TYPE, form.pieces(number))
            task_id = json.loads(load.exchange(connection, request)[1])["task_id"]
            load.exchange(connection, load.get(f"{CROP}/watch/{task_id}"))
            load.exchange(connection, load.get(f"{CROP}/svg/{task_id}"))
            total = (time.perf_counter() - began) * 1000
            status = load.exchange(connection, load.get(f"{CROP}/status/{task_id}"))[1]
            totals.append(total)
            overheads.append(total - json.loads(status)["processing_time_ms"])
    group = "misses, alone"
    yield Figure(group, "submit to SVG, p50", statistics.median(totals), "ms")
    yield at_most(Figure(group, "beyond the drawing, p50", statistics.median(overheads), "ms"), 35)


def by_one_call(suite: Target, form: Form, *, first: int) -> Iterator[Figure]:
    """Yield what a photo takes beyond its drawing where one call brings the SVG."""
    overheads = []
    with socket.create_connection(suite.address) as connection:
        for number in range(first, first + ALONE):
            began = time.perf_counter()
            load.exchange(connection, load.post(RENDER, FORM_TYPE, form.pieces(number)))
            total = (time.perf_counter() - began) * 1000
            recent = json.loads(load.exchange(connection, load.get(RECENT))[1])
            overheads.append(total - recent[0]["processing_time_ms"])
    group = "misses, alone"
    yield Figure(group, "beyond the drawing by one call, p50", statistics.median(overheads), "ms")


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
