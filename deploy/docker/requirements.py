"""Writes what each image installs, with hashes: `python deploy/docker/requirements.py`.

The versions are those of constraints.txt; the hashes come from PyPI. `make pins` runs it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
EXTRAS = ("gateway", "processor", "cache")
EVERYWHERE = "tracing"
"""In every image: what asks for traces is a variable."""

BUILD = "build"
"""What makes the wheel of the suite itself."""


def main() -> None:
    """Write every file."""
    for extra in EXTRAS:
        extras = [word for name in (extra, EVERYWHERE) for word in ("--extra", name)]
        compile_pins(extra, [str(REPOSITORY / "pyproject.toml"), *extras])
    with tempfile.NamedTemporaryFile("w", suffix=".in") as wanted:
        wanted.write("\n".join(build_requirements()))
        wanted.flush()
        compile_pins(BUILD, [wanted.name])


def compile_pins(name: str, sources: list[str]) -> None:
    """Write one file."""
    command = [
        *(str(Path(sys.executable).with_name("uv")), "pip", "compile", "--quiet", "--universal"),
        *("--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate"),
        *("--constraint", str(REPOSITORY / "constraints.txt"), "--output-file", str(path(name))),
    ]
    subprocess.run([*command, *sources], check=True)


def build_requirements() -> list[str]:
    """Return what pyproject.toml builds with."""
    table = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    requires: list[str] = table["build-system"]["requires"]
    return requires


def path(name: str) -> Path:
    """Return where the pins of an image are."""
    return Path(__file__).with_name(f"requirements-{name}.txt")


if __name__ == "__main__":
    main()
