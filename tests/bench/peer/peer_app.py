"""The shape that this suite succeeds: FastAPI takes base64, Celery draws, clients poll.

Written to be measured: the same drawing library, Redis and Postgres, so that what differs is the
architecture. `uvicorn peer_app:app` serves, `celery -A peer_app:queue worker` draws.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import time
import uuid
from typing import Any

import celery
import fastapi
import psycopg
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from services.processor import masks

REDIS_URL = os.environ["REDIS_URL"]
DATABASE_URL = os.environ["DATABASE_URL"]
PARTS = ("image", "landmarks", "segmentation_map")

queue = celery.Celery("peer", broker=REDIS_URL)
queue.conf.update(worker_prefetch_multiplier=1, task_ignore_result=True)
app = fastapi.FastAPI()
pool = ConnectionPool(DATABASE_URL, min_size=1, max_size=8, open=False)


def rows() -> ConnectionPool:
    """Return the pool of this process, opened when it is first asked for."""
    pool.open()
    return pool


def create() -> None:
    """Create the table."""
    with psycopg.connect(DATABASE_URL) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS peer_tasks (task_id text PRIMARY KEY, input_hash text,"
            " status text, svg bytea, processing_time_ms float)"
        )
        connection.execute("CREATE INDEX IF NOT EXISTS peer_hash ON peer_tasks (input_hash)")


@app.post("/submit")
def submit(body: dict[str, Any]) -> dict[str, Any]:
    """Answer from the table, or queue the photo with its bytes in the message."""
    text = json.dumps([body.get(name) for name in PARTS], sort_keys=True)
    input_hash = hashlib.sha256(text.encode()).hexdigest()
    with rows().connection() as connection:
        found = connection.execute(
            "SELECT task_id FROM peer_tasks WHERE input_hash = %s AND status = 'SUCCESS'",
            [input_hash],
        ).fetchone()
        if found:
            return {"task_id": found[0], "status": "SUCCESS", "cache_hit": True}
        task_id = str(uuid.uuid4())
        connection.execute(
            "INSERT INTO peer_tasks VALUES (%s, %s, 'PENDING', NULL, NULL)", [task_id, input_hash]
        )
    draw.delay(task_id, *[body.get(name) for name in PARTS])
    return {"task_id": task_id, "status": "PENDING", "cache_hit": False}


@app.get("/status/{task_id}")
def status(task_id: str) -> dict[str, Any]:
    """Return the task, its drawing as base64."""
    with rows().connection() as connection:
        cursor = connection.cursor(row_factory=dict_row)
        row = cursor.execute("SELECT * FROM peer_tasks WHERE task_id = %s", [task_id]).fetchone()
    if not row:
        raise fastapi.HTTPException(404)
    svg = row.pop("svg")
    return {**row, "svg": base64.b64encode(svg).decode() if svg else None}


# Celery publishes no types.
@queue.task
def draw(task_id: str, image: str, landmarks: list[Any], segmentation_map: str | None) -> None:
    """Draw and store."""
    began = time.perf_counter()
    labels = base64.b64decode(segmentation_map) if segmentation_map else None
    inputs = masks.Inputs(
        image=io.BytesIO(base64.b64decode(image)),
        landmarks=json.dumps(landmarks).encode(),
        segmentation_map=labels,
    )
    drawing = masks.draw(inputs, masks.Options())
    spent_ms = (time.perf_counter() - began) * 1000
    with rows().connection() as connection:
        connection.execute(
            "UPDATE peer_tasks SET status = 'SUCCESS', svg = %s, processing_time_ms = %s"
            " WHERE task_id = %s",
            [drawing.svg.encode(), spent_ms, task_id],
        )


if __name__ == "__main__":
    create()
