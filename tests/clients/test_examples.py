"""The examples of every language on the whole stack, run as their README says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest
from faces import Face, damaged_png, face, fresh

if TYPE_CHECKING:
    from collections.abc import Callable

    from suite import Suite

pytestmark = pytest.mark.e2e

EXAMPLES = Path(__file__).parents[2] / "clients/examples"
HOPPER = face("hopper")
GRPCURL = "github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3"


@dataclass(frozen=True)
class Example:
    """A program that draws a face: where it lies, what it needs, how it is made and called."""

    folder: str
    needs: tuple[str, ...]
    command: tuple[str, ...]
    made_by: tuple[tuple[str, ...], ...] = ()
    number: int = 0
    """Tells its faces from those of the others."""


CURL = Example("curl", ("curl",), ("./draw.sh",), number=1)
BUF = Example("grpcurl", ("buf", "openssl"), ("./draw.sh",), number=2)
BUILT = {
    "grpcurl": Example(
        "grpcurl", ("go", "openssl"), ("./draw.sh",), (("go", "install", GRPCURL),), number=3
    ),
    "node": Example(
        "node",
        ("node", "npm"),
        ("node", "draw.mjs"),
        (("npm", "install", "--silent"),),
        number=4,
    ),
    "go": Example(
        "go", ("go", "buf"), ("./draw",), (("go", "generate"), ("go", "build")), number=5
    ),
    "java": Example(
        "java",
        ("java", "mvn"),
        ("java", "-cp", "target/classes:target/dependency/*", "Draw"),
        (("mvn", "--quiet", "--batch-mode", "package"),),
        number=6,
    ),
}
Draw: TypeAlias = "Callable[..., subprocess.CompletedProcess[str]]"


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(CURL, id="curl"),
        pytest.param(BUF, id="buf"),
        *(pytest.param(e, id=n, marks=pytest.mark.toolchain) for n, e in BUILT.items()),
    ],
)
def example(request: pytest.FixtureRequest) -> Example:
    """Return an example that is ready to run; skip it where what it needs is not installed."""
    example: Example = request.param
    for program in example.needs:
        if shutil.which(program, path=environment()["PATH"]) is None:
            pytest.skip(f"{example.folder} needs {program}, which is not on PATH")
    for step in example.made_by:
        subprocess.run(step, cwd=EXAMPLES / example.folder, env=environment(), check=True)
    return example


def environment(**more: str) -> dict[str, str]:
    """Return where programs are found: the venv has buf, and `out` what Go installs."""
    tools = (str(EXAMPLES.parents[1] / "out/bin"), str(Path(sys.executable).parent))
    path = os.pathsep.join((*tools, os.environ["PATH"]))
    return {**os.environ, "PATH": path, "GOBIN": tools[0], **more}


@pytest.fixture
def draw(example: Example, suite: Suite, tmp_path: Path) -> Draw:
    """Return the example as a function of a face."""

    def draw(drawn: Face, url: str = suite.stack.url) -> subprocess.CompletedProcess[str]:
        parts = {"photo": drawn.photo, "landmarks": drawn.landmarks, "map.png": drawn.label_map}
        for name, data in parts.items():
            (tmp_path / name).write_bytes(data)
        return subprocess.run(
            [*example.command, *(str(tmp_path / name) for name in parts)],
            cwd=EXAMPLES / example.folder,
            env=environment(FACESVG_URL=url, XDG_CACHE_HOME=str(tmp_path)),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return draw


def test_a_face_is_drawn_and_the_next_time_not_uploaded(
    example: Example, draw: Draw, suite: Suite
) -> None:
    photo, before = fresh(HOPPER, 8500 + example.number), suite.task_ids()

    first = draw(photo)
    [task_id] = suite.task_ids() - before
    uploads = suite.uploads()
    again = draw(photo)

    assert first.returncode == 0, first.stderr
    assert first.stdout.strip() == suite.svg(task_id).strip()
    assert "SUCCESS" in first.stderr
    assert "nothing was uploaded" not in first.stderr
    assert again.stdout == first.stdout
    assert "nothing was uploaded" in again.stderr
    assert suite.uploads() == uploads


def test_what_is_refused_is_told_with_its_reason(draw: Draw) -> None:
    refused = draw(Face(HOPPER.photo, b"[[1, 2]]", HOPPER.label_map))

    assert (refused.returncode != 0, refused.stdout) == (True, "")
    assert "found 1" in refused.stderr


def test_what_cannot_be_drawn_is_told_with_its_reason(example: Example, draw: Draw) -> None:
    photo = fresh(HOPPER, 8600 + example.number)

    failed = draw(Face(photo.photo, photo.landmarks, damaged_png(photo.photo)))

    assert (failed.returncode != 0, failed.stdout) == (True, "")
    assert "INVALID_SEGMENTATION_MAP" in failed.stderr


def test_nobody_there_ends_it(draw: Draw) -> None:
    away = draw(HOPPER, "http://127.0.0.1:1")

    assert (away.returncode != 0, away.stdout) == (True, "")
    assert away.stderr
