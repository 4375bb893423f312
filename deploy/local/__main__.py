"""Runs one command: `python -m deploy.local --help`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.markup import escape

from deploy.local import arguments, console
from deploy.local.errors import StackError
from services.runtime.settings import SettingError

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130
"""As shells say it."""


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = arguments.parser().parse_args(words)
    try:
        status: int = options.call(options)
    except (StackError, SettingError, OSError) as error:
        console.err.print(f"[bold red]error[/] {escape(str(error))}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


if __name__ == "__main__":
    sys.exit(main())
