"""What can keep the stack from running; each says what to do about it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class StackError(Exception):
    """The stack cannot do what was asked; the message is for the person who asked."""

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.facts = {name: str(value) for name, value in facts.items()}


class PortTaken(StackError):
    """A port that a part needs belongs to another program."""

    def __init__(self, port: int, variable: str, part: str, holder: str) -> None:
        super().__init__(
            f"port {port}, where {part} is to listen, is taken by {holder}; "
            f"stop that or set {variable} to a free port",
            port=port,
            variable=variable,
            part=part,
            holder=holder,
        )


class MissingTool(StackError):
    """A server's program is not on this machine."""

    def __init__(self, tool: str, remedy: str) -> None:
        super().__init__(f"there is no {tool} on this machine; {remedy}", tool=tool, remedy=remedy)


class PartFailed(StackError):
    """A part ended, or did not answer in time; with the end of its log."""

    def __init__(self, part: str, problem: str, log: Path) -> None:
        super().__init__(
            f"{part} {problem}; {log} ends with:\n{tail(log)}", part=part, problem=problem, log=log
        )


class NotRunning(StackError):
    """Something was asked of a stack that is not up."""

    def __init__(self, root: Path) -> None:
        super().__init__(f"no stack is running in {root}; `make up` starts one", root=root)


class AlreadyUp(StackError):
    """A second stack was to use the data of a running one."""

    def __init__(self, root: Path) -> None:
        super().__init__(f"a stack is running in {root} already; choose another root", root=root)


def tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log, indented, repeated ones once; a note when there is none."""
    if not log.exists():
        return "  (nothing)"
    written = [line for line, _ in groupby(log.read_text(errors="replace").splitlines())][-lines:]
    return "\n".join(f"  {line}" for line in written) or "  (nothing)"
