"""Logs: for people on a terminal, JSON lines for machines."""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.highlighter import RegexHighlighter
from rich.logging import RichHandler
from rich.panel import Panel
from rich.theme import Theme

from services.runtime import context

if TYPE_CHECKING:
    from services.runtime.settings import LogSettings

WIDTH = 160
"""Columns of coloured logs in a container: two ids and their facts on one line."""

TIME = "%Y-%m-%d %H:%M:%S"
"""As Postgres, Redis and Envoy have it, so that their lines and ours can be sorted together."""

IDS = (context.request_id, context.task_id, context.trace_id)

JSON = json.JSONEncoder(default=str)

THEME = Theme(
    {
        "fact.name": "dim",
        "fact.good": "green",
        "fact.bad": "yellow",
        "fact.worst": "bold red",
        "fact.id": "dim cyan",
    }
)


class Highlighter(RegexHighlighter):
    """Facts below the sentence, ids below the facts; what went wrong stands out."""

    base_style = "fact."
    highlights = (
        r"(?P<name>\b[a-z_]+=)",
        r"\bstatus=(?:(?P<good>OK|SUCCESS)|(?P<worst>INTERNAL|UNKNOWN|DATA_LOSS)|(?P<bad>[A-Z_]+))\b",
        r"\b(?:request_id|task_id|trace_id)=(?P<id>\S+)",
    )


class Facts(logging.Formatter):
    """A fixed sentence, then the facts as `name=value`, then the ids of the call under way."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as logging names it
        """Return the line; what is put below it, as a traceback, others do."""
        told = {**facts_of(record), **ids()}
        sentence = super().formatMessage(record)
        return " ".join([sentence, *(f"{name}={value}" for name, value in told.items())])


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, ids, facts, traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **ids(),
            **facts_of(record),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return JSON.encode(line)


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return what a call site gave as `extra={"facts": {...}}`."""
    facts: dict[str, Any] = getattr(record, "facts", {})
    return facts


def ids() -> dict[str, str]:
    """Return the ids that are bound now."""
    return {variable.name: value for variable in IDS if (value := variable.get())}


def configure(settings: LogSettings) -> None:
    """Send the logs of this process to standard error as the settings say."""
    handler: logging.Handler
    if is_rich(settings):
        handler = RichHandler(
            console=terminal(),
            rich_tracebacks=True,
            show_path=False,
            log_time_format=TIME,
            omit_repeated_times=False,  # lines of several parts are sorted by them
            highlighter=Highlighter(),
            keywords=[],
        )
        handler.setFormatter(Facts("%(message)s"))
    else:
        handler = logging.StreamHandler()
        handler.setFormatter(JsonLines())
    logging.basicConfig(level=settings.level, handlers=[handler], force=True)
    spare()


def spare() -> None:
    """Have nothing looked up for every line that no line tells: a fifth of what one takes."""
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # noqa: SLF001 - as logging's documentation says


def is_rich(settings: LogSettings) -> bool:
    """Return whether logs are for people: on a terminal, or where colours are asked for."""
    if settings.format == "auto":
        return is_on_terminal() or settings.is_coloured
    return settings.format == "rich"


def is_on_terminal() -> bool:
    """Return whether somebody may be looking; a worker writes to its terminal through a pipe."""
    streams = (sys.stderr, sys.__stderr__)
    return any(stream is not None and stream.isatty() for stream in streams)


def terminal() -> Console:
    """Return the console on standard error; one that is no terminal has no width to keep to.

    Colours are where it is one or `FORCE_COLOR` is set, and nowhere where `NO_COLOR` is.
    """
    is_seen = is_on_terminal()
    is_measured = is_seen or "COLUMNS" in os.environ
    return Console(
        stderr=True,
        theme=THEME,
        force_terminal=True if is_seen else None,
        width=None if is_measured else WIDTH,
    )


def announce(service: str, version: str, address: str) -> None:
    """Say that the service is up."""
    root = logging.getLogger()
    if any(isinstance(handler, RichHandler) for handler in root.handlers):
        told = f"version {version}\n{address}"
        terminal().print(Panel(told, title=f"facesvg {service}", expand=False, padding=(0, 4)))
    facts = {"service": service, "version": version, "address": address}
    logging.getLogger(__name__).info("serving", extra={"facts": facts})
