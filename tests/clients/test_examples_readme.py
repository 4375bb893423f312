"""What the examples' README shows for a shell does what it says, on a running suite."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from suite import Suite

pytestmark = pytest.mark.e2e

EXAMPLES = Path(__file__).parents[2] / "clients/examples"
README = (EXAMPLES / "README.md").read_text()


def blocks(text: str) -> list[str]:
    """Return the commands of a part of the README."""
    return re.findall(r"```bash\n(.*?)```", text, re.DOTALL)


INTRODUCTION, *SECTIONS = README.split("\n## ")
SHOWN = [
    (section.split("\n", 1)[0], command) for section in SECTIONS for command in blocks(section)
]


@pytest.mark.parametrize(("folder", "command"), SHOWN, ids=[command[:24] for _, command in SHOWN])
def test_a_command_of_the_readme_works(
    suite: Suite, tmp_path: Path, folder: str, command: str
) -> None:
    program = command.split(maxsplit=1)[0]
    shown = "\n".join((*blocks(INTRODUCTION), command)).replace("> face.svg", "")
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    if not program.startswith("./") and shutil.which(program, path=path) is None:
        pytest.skip(f"there is no {program} on PATH")
    variables = {"PATH": path, "FACESVG_URL": suite.stack.url, "XDG_CACHE_HOME": str(tmp_path)}

    done = subprocess.run(
        ["sh", "-euc", shown.replace("http://localhost:8000", suite.stack.url)],
        cwd=EXAMPLES / folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert any(word in done.stdout for word in ("<svg", "task_id", "days")), done.stdout
