"""Logs for machines."""

from __future__ import annotations

import json
import logging
import sys

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
