"""`facesvg completion`: what a shell needs to complete the command."""

from __future__ import annotations

import sys

import click
from click.shell_completion import get_completion_class

NAME = "facesvg"
SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what completes the command in a shell.

    For example: facesvg completion bash >> ~/.bashrc
    """
    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(context.find_root().command, {}, NAME, f"_{NAME.upper()}_COMPLETE")
    sys.stdout.write(script.source() + "\n")
