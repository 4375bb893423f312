"""Checks the files of the deployment offline, with the tools that are here: `make check-deploy`.

Says what it checked, and what it could not because a tool is missing. What needs no tool is checked
by the unit tests.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

from deploy.checking import compose, images, kubernetes, prometheus, tools, workflow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from deploy.checking.verdict import Verdict

CHECKS: tuple[Callable[[], Iterator[Verdict]], ...] = (
    images.verdicts,
    compose.verdicts,
    kubernetes.verdicts,
    prometheus.verdicts,
    workflow.verdicts,
)


def main() -> int:
    """Check everything; 1 when something is wrong."""
    tools.install()
    found = []
    for check in CHECKS:
        for verdict in check():
            print(verdict, flush=True)
            found.append(verdict)
    counted = Counter(verdict.word for verdict in found)
    print(", ".join(f"{counted[word]} {word}" for word in ("PASS", "FAIL", "SKIP")))
    return 1 if counted["FAIL"] else 0


if __name__ == "__main__":
    sys.exit(main())
