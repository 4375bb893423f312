"""The cache beside plain psycopg, in a process of its own: its memory is set as one begins."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from figures import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN = Path(__file__).resolve().parents[1] / "cache" / "run.py"


def measure(root: Path) -> Iterator[Figure]:
    """Yield rates of bytes in and out, and those of the cache as shares of psycopg's."""
    out = root / "stored.json"
    subprocess.run(
        [sys.executable, RUN, "transfers", "--out", out], check=True, stdout=subprocess.DEVNULL
    )
    for figure in json.loads(out.read_text()):
        yield Figure(**{**figure, "group": f"stored, {figure['group']}"})
