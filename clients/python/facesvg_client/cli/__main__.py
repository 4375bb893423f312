"""The command itself: its commands, and how it ends."""

from __future__ import annotations

import sys

import click

from facesvg_client.cli import printing, suite, tasks
from facesvg_client.cli.completion import NAME, completion
from facesvg_client.cli.draw import draw
from facesvg_client.cli.exits import Exit, code_of
from facesvg_client.errors import FacesvgError

COMMANDS = (
    draw,
    tasks.status,
    tasks.watch,
    tasks.svg,
    tasks.cancel,
    tasks.delete,
    tasks.recent,
    tasks.tasks,
    suite.regions,
    suite.stats,
    suite.health,
    completion,
)
EPILOG = """\b
Exit codes:
  0    done
  1    refused or failed; in a batch, at least one photo
  2    the command line is wrong
  3    the service does not answer, is busy, or took too long
  4    the API key is missing, wrong, or allows too little
  5    there is no such task
  130  interrupted
"""


class InOrder(click.Group):
    """Lists its commands as they are given, not by the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands' names."""
        del ctx
        return list(self.commands)


@click.group(cls=InOrder, epilog=EPILOG, context_settings={"max_content_width": 100})
@click.version_option(package_name="facesvg-client", prog_name=NAME)
def facesvg() -> None:
    """Turn face photos and their landmarks into SVGs of the faces' regions."""


for command in COMMANDS:
    facesvg.add_command(command)


def main() -> None:
    """Run the command, and end with its code."""
    try:
        facesvg.main(prog_name=NAME, standalone_mode=False)
    except FacesvgError as error:
        printing.trouble(error)
        sys.exit(code_of(error))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except OSError as error:
        printing.notes.print(f"facesvg: {error}", soft_wrap=True, markup=False)
        sys.exit(Exit.FAILED)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(Exit.INTERRUPTED)


if __name__ == "__main__":
    main()
