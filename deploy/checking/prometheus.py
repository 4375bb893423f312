"""Checks what Prometheus reads: its configurations, rules and alerts, and their tests."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from deploy.checking.tools import REPOSITORY, can
from deploy.checking.verdict import Verdict, ran

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = REPOSITORY / "deploy" / "prometheus"
IMAGE = re.compile(r"image: (prom/prometheus:\S+)")
# Debian builds its own without what discovers pods.
LACKS = "field kubernetes_sd_configs not found"
CHECKS = (
    # By its syntax alone: the files of a cluster's tokens are not here.
    ("kubernetes.yaml", ("check", "config", "--syntax-only", "--lint=all")),
    ("prometheus*.yaml", ("check", "config", "--lint=all", "--lint-fatal")),
    ("rules.yaml", ("check", "rules", "--lint=all", "--lint-fatal")),
    ("alerts.yaml", ("check", "rules", "--lint=all", "--lint-fatal")),
    ("tests.yaml", ("test", "rules")),
)


def verdicts() -> Iterator[Verdict]:
    """Yield a verdict for each file."""
    tool = promtool()
    for pattern, words in CHECKS:
        for path in sorted(FOLDER.glob(pattern)):
            about = f"promtool {' '.join(words[:2])} {path.name}"
            if tool:
                verdict = ran(about, [*tool, *words, str(path)])
                yield limited(about) if LACKS in verdict.said else verdict
            else:
                yield Verdict("SKIP", about, "there is neither promtool nor a Docker Engine")


def limited(about: str) -> Verdict:
    """Return the verdict of a tool that cannot judge this file."""
    return Verdict("SKIP", about, "the promtool here was built without Kubernetes")


def promtool() -> tuple[str, ...]:
    """Return the tool that is here, or the one in the image that compose runs, or nothing."""
    if shutil.which("promtool"):
        return ("promtool",)
    image = IMAGE.search((REPOSITORY / "deploy" / "compose" / "compose.yaml").read_text())
    if image is None or not can("docker", "info"):
        return ()
    mounted = ("--volume", f"{REPOSITORY}:{REPOSITORY}:ro")
    return ("docker", "run", "--rm", *mounted, "--entrypoint", "promtool", image[1])
