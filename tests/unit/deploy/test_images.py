"""What the images are made of agrees with what it is made from."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from deploy.local import services
from services import __version__

REPOSITORY = Path(__file__).resolve().parents[3]
DOCKER = REPOSITORY / "deploy" / "docker"
DOCKERFILE = (DOCKER / "Dockerfile").read_text()
TARGETS = ("gateway", "processor", "worker", "cache")
PIN = re.compile(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==([^ ;\\\n]+)", re.MULTILINE)
NAME = re.compile(r"[a-zA-Z0-9-]+")


def pins(path: Path) -> set[tuple[str, str]]:
    return set(PIN.findall(path.read_text()))


@pytest.mark.parametrize("extra", ["gateway", "processor", "cache"])
def test_an_image_installs_what_is_pinned(extra: str) -> None:
    path = DOCKER / f"requirements-{extra}.txt"
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = project["dependencies"] + extras[extra] + extras["tracing"]

    assert pins(path) - pins(REPOSITORY / "constraints.txt") == set()
    assert {named(line) for line in wanted} - {name for name, _ in pins(path)} == set()


@pytest.mark.parametrize("path", sorted(DOCKER.glob("requirements-*.txt")), ids=lambda p: p.stem)
def test_everything_installed_has_hashes(path: Path) -> None:
    entries = re.split(r"\n(?=\S)", path.read_text().strip())

    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_a_service_does_not_install_what_another_needs() -> None:
    names = {
        extra: {name for name, _ in pins(DOCKER / f"requirements-{extra}.txt")}
        for extra in ("gateway", "processor", "cache")
    }

    assert not names["gateway"] & {"opencv-python-headless", "redis", "sqlalchemy", "psycopg"}
    assert not names["cache"] & {"opencv-python-headless", "redis", "dramatiq", "multipart"}
    assert not names["processor"] & {"sqlalchemy", "psycopg", "multipart"}


def test_the_wheel_is_built_with_what_the_project_says() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    built_with = {f"{name}=={version}" for name, version in pins(DOCKER / "requirements-build.txt")}

    assert set(project["build-system"]["requires"]) <= built_with


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_has_a_healthcheck_and_labels(target: str) -> None:
    stage = DOCKERFILE.split(f" AS {target}\n")[1].split("\nFROM ")[0]

    assert "HEALTHCHECK" in stage
    assert "org.opencontainers.image.title" in stage
    assert "\nRUN" not in stage  # what is made is made in other stages
    assert "\nUSER" not in stage  # nobody goes back to root


def test_the_worker_runs_as_it_does_without_containers() -> None:
    stage = DOCKERFILE.split(" AS worker\n")[1].split("\nFROM ")[0]
    said = re.search(r'CMD \["sh", "-c", "exec (.*)"\]', stage)
    assert said is not None
    words = shlex.split(said[1].replace('\\"', ""))
    expected = ["python", *services.worker_command(1, 20)[1:]]

    assert [word.replace("$WORKER_PROCESSES", "1") for word in words] == expected
    assert all(f"{name}={value}" in stage for name, value in services.WORKER.items())


def test_the_images_are_of_this_version() -> None:
    assert f"ARG VERSION={__version__}\n" in DOCKERFILE


def named(requirement: str) -> str:
    found = NAME.match(requirement)
    assert found is not None
    return found[0].lower()
