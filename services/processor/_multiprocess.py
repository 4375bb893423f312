"""Gives the processes of one worker a folder to count in; imported before prometheus_client.

Dramatiq starts several processes for one worker, and a page of metrics is of them all. The folder
is named for the process that started them, which they share.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

FOLDER = Path(tempfile.gettempdir()) / f"facesvg-worker-{os.geteuid()}-{os.getppid()}"

os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(FOLDER))


def is_alive(pid: int) -> bool:
    """Return whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def clear(folder: Path) -> None:
    """Make the folder; delete what processes of an earlier worker have left in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for file in folder.glob("*_*.db"):
        if not is_alive(int(file.stem.rsplit("_", 1)[1])):
            with suppress(FileNotFoundError):  # a sibling was first
                file.unlink()


def forget(own: Path) -> None:
    """Delete the folders of earlier workers beside this one's: nobody reads what they counted."""
    for folder in own.parent.glob(own.name.rpartition("-")[0] + "-*"):
        pid = folder.name.rpartition("-")[2]
        if pid.isdecimal() and not is_alive(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)  # a sibling may be at it too


clear(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))
forget(FOLDER)
