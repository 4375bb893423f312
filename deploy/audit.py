"""Asks a vulnerability service about everything that is pinned; ends with 1 where it knows a hole.

    python -m deploy.audit

Ends with 2, and says so, where the service does not answer: nothing was checked then.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

CONSTRAINTS = Path(__file__).resolve().parents[1] / "constraints.txt"
SECONDS = 300


def main() -> int:
    """Print what is known; return the exit status."""
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off"]
    command += ["--no-deps", "--disable-pip", "--requirement", str(CONSTRAINTS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    try:
        told: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        told = []
    checked = [package for package in told if "vulns" in package]
    if not checked:
        print("nothing was audited: the vulnerability service does not answer from here")
        print(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "")
        return 2
    holes = [(package, hole) for package in checked for hole in package["vulns"]]
    for package, hole in holes:
        better = ", ".join(hole["fix_versions"]) or "none yet"
        print(f"{package['name']} {package['version']}: {hole['id']}; mended in {better}")
    print(f"{len(checked)} of {len(told)} packages audited, {len(holes)} holes known")
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main())
