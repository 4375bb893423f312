"""The `facesvg` command on the whole stack."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import uuid4

import pytest
from faces import FACES, face, fresh

from facesvg_client.cli.__main__ import main

if TYPE_CHECKING:
    from fixtures.receiver import Receiver
    from suite import Suite

pytestmark = pytest.mark.e2e

HOPPER = FACES / "hopper"
COMMAND = Path(sysconfig.get_path("scripts")) / "facesvg"


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


Run: TypeAlias = Callable[..., Done]


@pytest.fixture
def run(
    suite: Suite,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Run:
    """Return the command, in this process: to start another takes longer than what it does."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FACESVG_URL", suite.stack.url)
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments: object, **environment: str) -> Done:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["facesvg", *map(str, arguments)])
            for name, value in environment.items():
                patch.setenv(name, value)
            try:
                main()
            except SystemExit as end:
                code = end.code
            else:
                code = 0
        return Done(int(code or 0), *capfd.readouterr())

    return run


def records(done: Done) -> list[Any]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def lay(folder: Path, *numbers: int) -> None:
    """Put faces into a folder, landmarks beside their photos."""
    folder.mkdir(exist_ok=True)
    for number in numbers:
        drawn = fresh(face("hopper"), 9000 + number)
        (folder / f"{number}.jpg").write_bytes(drawn.photo)
        (folder / f"{number}.json").write_bytes(drawn.landmarks)


def test_a_face_is_drawn_into_a_file(run: Run, tmp_path: Path) -> None:
    drawn = run(
        "draw",
        HOPPER / "photo.jpg",
        *("-l", HOPPER / "landmarks.json", "-m", HOPPER / "segmentation_map.png"),
        *("-o", "face.svg", "--preset", "features", "--region-opacity", "0.33"),
    )

    assert (drawn.returncode, drawn.stdout) == (0, "")
    assert "face.svg: 11 regions, 512 x 600, drawn in" in drawn.stderr
    assert (tmp_path / "face.svg").read_text().startswith("<svg")


def test_a_face_goes_to_stdout_and_a_script_is_told_of_it(run: Run) -> None:
    parts = ("draw", HOPPER / "photo.jpg", "-l", HOPPER / "landmarks.json")

    assert run(*parts, "-o", "-").stdout.startswith("<svg")
    [told] = records(run(*parts, "-o", "face.svg", "--json"))

    assert (told["cache_match"], len(told["regions"])) == ("EXACT", 27)


def test_a_batch_draws_what_is_not_drawn_and_lists_what_failed(run: Run, tmp_path: Path) -> None:
    lay(tmp_path / "photos", 1, 2, 3)
    (tmp_path / "photos/2.json").write_text("[[1, 2]]")
    (tmp_path / "photos/4.png").write_bytes(b"no landmarks")

    first = run("draw", "photos", "-o", "out", "--jobs", "2")
    shutil.copy(tmp_path / "photos/3.json", tmp_path / "photos/2.json")
    (tmp_path / "photos/4.png").unlink()
    second = run("draw", "photos", "-o", "out", "--json")

    assert first.returncode == 1
    assert "2 drawn (0 from the cache), 0 drawn before, 2 failed" in first.stdout
    assert "LANDMARK_COUNT" in first.stdout
    assert "NOT_PAIRED" in first.stdout
    assert [Path(told["drawing"]).name for told in records(second)] == ["2.svg"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "1.svg",
        "2.svg",
        "3.svg",
    ]


def test_an_interrupted_batch_ends_and_leaves_nothing_half_done(
    suite: Suite, tmp_path: Path
) -> None:
    lay(tmp_path / "photos", *range(10, 30))
    (tmp_path / "out").mkdir()
    batch = subprocess.Popen(
        [COMMAND, "draw", "photos", "-o", "out", "--jobs", "1", "--url", suite.stack.url],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    suite.until(lambda: list((tmp_path / "out").glob("*.svg")), bool)

    batch.send_signal(signal.SIGINT)
    _, said = batch.communicate(timeout=30)

    assert (batch.returncode, said.strip()) == (130, "")
    drawn = list((tmp_path / "out").iterdir())
    assert 0 < len(drawn) < 20
    assert all(path.read_text().endswith(("</svg>", "</svg>\n")) for path in drawn)


def test_tasks_are_shown_listed_and_erased(run: Run) -> None:
    [told] = records(
        run("draw", HOPPER / "photo.jpg", "-l", HOPPER / "landmarks.json", "-o", "x.svg", "--json")
    )
    task = told["task_id"]

    assert records(run("status", task, "--json"))[0]["status"] == "SUCCESS"
    assert "SUCCESS" in run("status", task).stdout
    assert records(run("watch", task, "--json"))[-1]["progress"] == 100
    assert run("svg", task).stdout.startswith("<svg")
    assert task in run("tasks", "--limit", "1000").stdout
    assert len(records(run("recent", "--limit", "1", "--json"))) == 1
    assert records(run("cancel", task, "--json"))[0]["status"] == "SUCCESS"
    assert run("delete", task).returncode == 0
    gone = run("status", task)
    assert (gone.returncode, gone.stdout) == (5, "")
    assert "TASK_NOT_FOUND" in gone.stderr


def test_who_is_told_of_a_drawing_is_shown(
    run: Run, suite: Suite, receiver: Receiver, tmp_path: Path
) -> None:
    lay(tmp_path / "photos", 40)
    drawn = ("draw", "photos/40.jpg", "-o", "told.svg", "--json", "--callback-url")
    [told] = records(run(*drawn, receiver.url(first := f"/{uuid4()}")))
    receiver.request(first)

    [again] = records(run(*drawn, receiver.url(second := f"/{uuid4()}")))

    receiver.request(second)
    assert again["cache_match"] == "EXACT"
    shown = suite.until(
        lambda: run("status", told["task_id"]).stdout, lambda text: text.count("delivered") == 2
    )
    assert "callback    127.0.0.1" in shown


def test_the_suite_is_shown(run: Run) -> None:
    assert "zones27" in run("regions").stdout
    assert "glabella" in run("regions", "zones27").stdout
    assert "submissions" in run("stats", "--days", "3").stdout
    assert records(run("health", "--json"))[0]["status"] == "healthy"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["status"], 2, "Missing argument 'TASK'"),
        (["regions", "nobody"], 2, "there is no preset 'nobody'; there are zones27"),
        (["health", "--url", "ftp://x"], 2, "expected http://host:port"),
        (["health", "--url", "127.0.0.1:1"], 3, "nobody answers there"),
        (["svg", "nonsense"], 5, "a task's id is a UUID"),
        (["draw", HOPPER / "photo.jpg", "-l", HOPPER / "photo.jpg"], 1, "UNREADABLE_LANDMARKS"),
        (["draw", HOPPER], 1, "NOT_PAIRED"),
    ],
    ids=["usage", "preset", "address", "away", "task", "landmarks", "pairs"],
)
def test_the_exit_code_says_what_kind_of_failure_it_was(
    run: Run, arguments: list[object], code: int, words: str
) -> None:
    done = run(*arguments)

    assert done.returncode == code
    assert words in done.stderr + done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_the_command(run: Run, shell: str) -> None:
    assert "_FACESVG_COMPLETE" in run("completion", shell).stdout

    choices = run(
        _FACESVG_COMPLETE="bash_complete", COMP_WORDS="facesvg draw --preset z", COMP_CWORD="3"
    )
    assert choices.stdout.strip() == "plain,zones27"


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash on PATH")
def test_bash_itself_completes_the_command() -> None:
    typed = (
        'eval "$("$0" completion bash)"; COMP_WORDS=("$0" draw --preset z) COMP_CWORD=3;'
        ' _facesvg_completion "$0"; echo "${COMPREPLY[@]}"'
    )

    done = subprocess.run(
        ["bash", "-c", typed, COMMAND], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "zones27"


def test_help_fits_a_terminal_and_names_the_exit_codes(run: Run) -> None:
    shown = run("--help")

    assert max(map(len, shown.stdout.splitlines())) <= 100
    assert "130  interrupted" in shown.stdout
    assert sys.executable not in shown.stdout
