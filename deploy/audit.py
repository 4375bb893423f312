"""Asks a vulnerability service about everything that is pinned; ends with 1 where it knows a hole.

    python -m deploy.audit [--if-it-answers]

Ends with 2, and says so, where the service does not answer: nothing was checked then. With
`--if-it-answers` that is no failure, and is known within seconds: a check that needs no server.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

if TYPE_CHECKING:
    from collections.abc import Sequence

CONSTRAINTS = Path(__file__).resolve().parents[1] / "constraints.txt"
SECONDS = 300
SERVICE = "https://api.osv.dev/v1/vulns/PYSEC-2018-28"
"""What pip-audit asks too, here for one hole that it knows."""
ANSWER_SECONDS = 3
SILENT = "the vulnerability service does not answer from here"
INSTALL = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "pip-audit")


def answers() -> bool:
    """Return whether the service knows a hole that there is, and says so soon."""
    try:
        with urlopen(SERVICE, timeout=ANSWER_SECONDS) as answer:
            return "affected" in json.load(answer)
    except (OSError, ValueError):
        return False


def main(arguments: Sequence[str]) -> int:
    """Print what is known; return the exit status."""
    if not answers():
        is_fine = "--if-it-answers" in arguments
        print(f"{'skipped the audit' if is_fine else 'nothing was audited'}: {SILENT}")
        return 0 if is_fine else 2
    if find_spec("pip_audit") is None:
        subprocess.run([sys.executable, *INSTALL], check=True)
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off"]
    command += [
        "--vulnerability-service",
        "osv",
        "--no-deps",
        "--disable-pip",
        "--requirement",
        str(CONSTRAINTS),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    try:
        told: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        told = []
    checked = [package for package in told if "vulns" in package]
    if not checked:
        print(f"nothing was audited: {SILENT}")
        print(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "")
        return 2
    holes = [(package, hole) for package in checked for hole in package["vulns"]]
    for package, hole in holes:
        better = ", ".join(hole["fix_versions"]) or "none yet"
        print(f"{package['name']} {package['version']}: {hole['id']}; mended in {better}")
    print(f"{len(checked)} of {len(told)} packages audited, {len(holes)} holes known")
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
