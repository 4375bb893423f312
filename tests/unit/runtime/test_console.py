"""Logs for machines and for people."""

from __future__ import annotations

import json
import logging
import os
import pty
import re
import subprocess
import sys

import pytest

from services.runtime.console import JsonLines
from services.runtime.context import request_id, request_id_from


def line(**more: object) -> dict[str, object]:
    record = logging.LogRecord("a.b", logging.INFO, "f.py", 1, "task done", None, None)
    record.__dict__.update(more)
    found: dict[str, object] = json.loads(JsonLines().format(record))
    return found


def test_a_line_has_the_sentence_the_facts_and_the_ids() -> None:
    token = request_id.set("req-1")

    found = line(facts={"regions": 27})

    request_id.reset(token)
    assert found["message"] == "task done"
    assert (found["regions"], found["request_id"], found["level"]) == (27, "req-1", "INFO")


def test_a_traceback_stays_on_its_line() -> None:
    try:
        raise ValueError("boom")
    except ValueError:
        found = line(exc_info=sys.exc_info())

    assert "ValueError: boom" in str(found["traceback"])


def test_an_offered_request_id_is_kept_only_when_it_is_a_plain_word() -> None:
    assert request_id_from("abc-1") == "abc-1"
    assert "\n" not in request_id_from("forged\nline")
    assert request_id_from(None) != request_id_from(None)


SPEAKER = """
import logging, os
from services.runtime import console, context
from services.runtime.settings import Env, LogSettings

console.configure(LogSettings.from_env(Env(os.environ)))
console.announce("cache", "1.2.3", "grpc://127.0.0.1:50053")
context.request_id.set("req-1")
try:
    {}["missing"]
except KeyError:
    logging.getLogger("a.b").exception("call failed", extra={"facts": {"method": "/a.B/C"}})
"""
COLOUR, PANEL = "\x1b[", "\u256d"
COLOURS = re.compile(r"\x1b\[([0-9]+)[;m]")


def said(speaker: str = SPEAKER, **environment: str) -> str:
    """Return what a process writes that logs into a pipe."""
    plain = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "NO_COLOR", "COLUMNS")}
    ended = subprocess.run(
        [sys.executable, "-c", speaker],
        env={**plain, "PYTHONIOENCODING": "utf-8", **environment},
        stderr=subprocess.PIPE,
        check=True,
    )
    return ended.stderr.decode()


def test_nobody_looks_at_a_pipe() -> None:
    lines = [json.loads(line) for line in said().splitlines()]

    assert [line["message"] for line in lines] == ["serving", "call failed"]


def test_a_rich_line_with_a_traceback_has_its_facts_and_ids() -> None:
    text = said(LOG_FORMAT="rich")

    [failed] = [line for line in text.splitlines() if "call failed" in line]
    assert failed.split("call failed ")[1].split() == ["method=/a.B/C", "request_id=req-1"]
    assert "KeyError: 'missing'" in text


@pytest.mark.parametrize(
    ("environment", "is_coloured"),
    [
        ({"LOG_FORMAT": "rich"}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "LOG_FORMAT": "json"}, False),
    ],
    ids=["unasked", "forced", "for machines"],
)
def test_a_pipe_has_colours_where_they_are_forced(
    environment: dict[str, str], is_coloured: bool
) -> None:
    assert (COLOUR in said(**environment)) is is_coloured


def test_every_line_has_its_time_and_what_went_wrong_its_colour() -> None:
    told = "logging.info('call ended', extra={'facts': {'status': 'NOT_FOUND'}})\n"

    lines = said(f"{SPEAKER}{told * 2}", FORCE_COLOR="1").splitlines()

    ended = [line for line in lines if "call ended" in line]
    assert [bool(re.search(r"\d\d:\d\d:\d\d", line)) for line in ended] == [True, True]
    assert all("\x1b[33mNOT_FOUND" in line for line in ended)


def test_colours_that_are_not_wanted_are_not_forced() -> None:
    text = said(FORCE_COLOR="1", NO_COLOR="1")

    assert PANEL in text
    assert not set(COLOURS.findall(text)) & {str(code) for code in range(30, 48)}


def test_a_terminal_is_written_to_through_a_pipe_as_workers_do() -> None:
    ours, theirs = pty.openpty()
    workers = "import io, sys; sys.stderr = io.TextIOWrapper(io.FileIO(os.dup(1), 'w'), 'utf-8');"
    ended = subprocess.run(
        [sys.executable, "-c", f"import os; {workers}\n{SPEAKER}"],
        stderr=theirs,
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "160"},
    )
    os.close(theirs)
    os.close(ours)

    text = ended.stdout.decode()
    assert PANEL in text
    assert COLOUR in text
