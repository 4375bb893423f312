"""The options that every command has, and the client made of them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from facesvg_client import Client
from facesvg_client.channels import CA_VARIABLE, DEFAULT_URL, KEY_VARIABLE, URL_VARIABLE
from facesvg_client.cli.sections import Connection
from facesvg_client.client import TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Door:
    """Where to call, and how the answer is printed."""

    url: str
    key: str | None
    ca: str | None
    timeout: float
    as_json: bool

    def client(self) -> Client:
        """Return a client; raises `UsageError` for an address that is none."""
        try:
            return Client(self.url, api_key=self.key, ca=self.ca, timeout=self.timeout)
        except ValueError as error:
            raise click.UsageError(str(error)) from None


def with_door(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of the door, and the door made of them."""

    @functools.wraps(command)
    def run(
        *args: Any,
        url: str,
        key: str | None,
        ca: str | None,
        timeout: float,
        as_json: bool,
        **more: Any,
    ) -> Any:
        return command(Door(url, key, ca, timeout, as_json), *args, **more)

    for option in reversed(OPTIONS):
        run = option(run)
    return run


OPTIONS = (
    click.option(
        "--url",
        cls=Connection,
        envvar=URL_VARIABLE,
        default=DEFAULT_URL,
        show_default=True,
        show_envvar=True,
        help="Where the suite listens.",
    ),
    click.option(
        "--key", cls=Connection, envvar=KEY_VARIABLE, show_envvar=True, help="The API key."
    ),
    click.option(
        "--ca",
        cls=Connection,
        envvar=CA_VARIABLE,
        show_envvar=True,
        type=click.Path(exists=True, dir_okay=False),
        help="A PEM file of authorities to trust, for https.",
    ),
    click.option(
        "--timeout",
        cls=Connection,
        metavar="SECONDS",
        type=click.FloatRange(min=0, min_open=True),
        default=TIMEOUT,
        show_default=True,
        help="What a call may take, retries included.",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print JSON, one record a line."),
)
