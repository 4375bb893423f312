"""Ends a stack when the program that holds it ends, however that happens.

    python -m deploy.local.guard ROOT

Waits until its standard input closes, which the kernel sees to; then ends what is left running.
"""

from __future__ import annotations

import sys
from pathlib import Path

from deploy.local import postgres, processes, record
from deploy.local.layout import Layout


def end_recorded(layout: Layout) -> None:
    """End what is written down as running, in reverse order."""
    for entry in reversed(record.read(layout.record).parts.values()):
        if entry.process is not None:
            processes.end(entry.process, entry.stop_signal, entry.grace, layout.root)


if __name__ == "__main__":
    sys.stdin.buffer.read()
    held = Layout(Path(sys.argv[1]))
    end_recorded(held)
    postgres.erase(held)
