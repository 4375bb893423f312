"""Draws a face through a running suite: `python -m deploy.compose.smoke http://127.0.0.1:8000`.

Checks what a first user would see: the suite is well, draws the sample face, and answers the same
photo from its cache. Writes the drawing to `out/smoke.svg`. Needs Python alone.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.compose.door import door
from deploy.local.errors import StackError

if TYPE_CHECKING:
    from deploy.local.rest import Rest

REPOSITORY = Path(__file__).resolve().parents[2]
FACE = REPOSITORY / "tests" / "data" / "faces" / "hopper"
SUBMIT = "/api/v1/frontal/crop/submit?preset=zones27"
FILES = {
    "image": FACE / "photo.jpg",
    "landmarks": FACE / "landmarks.json",
    "segmentation_map": FACE / "segmentation_map.png",
}
ZONES = 27
UNFINISHED = ("PENDING", "PROGRESS")
PATIENCE_SECONDS = 30


def main(url: str) -> None:
    """Draw, look at the drawing, and ask again; raises `StackError` for what is wrong."""
    rest = door(url)
    for service in rest.json("/health")["services"]:
        print(f"{service['service']} {service['version']} is well")
    accepted = rest.submit(SUBMIT, FILES)
    task = finished(rest, accepted["task_id"])
    svg = rest.get(f"/api/v1/frontal/crop/svg/{accepted['task_id']}").decode()
    if task["status"] != "SUCCESS" or svg.count("data-region=") < ZONES:
        raise StackError(f"expected {ZONES} regions, found {svg.count('data-region=')}: {task}")
    if not rest.submit(SUBMIT, FILES)["cache_hit"]:
        raise StackError("expected the second answer from the cache; it was drawn anew")
    (REPOSITORY / "out").mkdir(exist_ok=True)
    (REPOSITORY / "out" / "smoke.svg").write_text(svg)
    print(f"drew {svg.count('data-region=')} regions, {len(svg) / 1000:.1f} kB: out/smoke.svg")
    print("the second time they came from the cache")


def finished(rest: Rest, task_id: str) -> dict[str, Any]:
    """Return a task once it is final; raises `StackError` when that takes too long."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        task = rest.json(f"/api/v1/frontal/crop/status/{task_id}")
        if task["status"] not in UNFINISHED:
            return task
        if time.monotonic() > deadline:
            raise StackError(f"not drawn within {PATIENCE_SECONDS} s: {task}")
        time.sleep(0.1)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except StackError as error:
        sys.exit(f"error {error}")
