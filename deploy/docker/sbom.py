"""Writes what each image installs as CycloneDX, into out/sbom: `make sbom`.

The tool lives in an environment of its own: the suite needs none of what it needs.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
OUT = REPOSITORY / "out" / "sbom"
TOOL = REPOSITORY / ".venv" / "sbom"
PIN = "cyclonedx-bom==7.5.0"
IMAGES = {"gateway": "gateway", "processor": "processor", "worker": "processor", "cache": "cache"}
"""The images, and the file that says what each installs."""


def main() -> None:
    """Write one file an image."""
    install()
    OUT.mkdir(parents=True, exist_ok=True)
    for image, name in IMAGES.items():
        target = OUT / f"{image}.cdx.json"
        pins = Path(__file__).with_name(f"requirements-{name}.txt")
        program = str(TOOL / "bin" / "cyclonedx-py")
        options = ["--output-reproducible", "--of", "JSON", "--output-file", str(target)]
        subprocess.run([program, "requirements", str(pins), *options], check=True)
        parts = json.loads(target.read_text())["components"]
        print(f"{target.relative_to(REPOSITORY)}: {len(parts)} components")


def install() -> None:
    """Make the tool's environment, unless it is there."""
    if (TOOL / PIN).exists():
        return
    subprocess.run([sys.executable, "-m", "venv", str(TOOL)], check=True)
    pip = [str(TOOL / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, PIN], check=True)
    (TOOL / PIN).touch()


if __name__ == "__main__":
    main()
