"""The examples of the pages on the API do what they say, and are answered as they show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from e2e.examples import NEEDED, ROOT, Example, examples, run

if TYPE_CHECKING:
    from pathlib import Path

    from suite import Suite

PAGES = {page: examples((ROOT / "docs" / page).read_text()) for page in ("api.md", "migrating.md")}
EXAMPLES = [
    pytest.param(start.command, example, id=f"{page}: {example.heading}")
    for page, (start, *rest) in PAGES.items()
    for example in rest
]

pytestmark = [pytest.mark.e2e, NEEDED]


@pytest.mark.parametrize(("start", "example"), EXAMPLES)
def test_an_example_is_answered_as_the_page_shows(
    suite: Suite, tmp_path: Path, start: str, example: Example
) -> None:
    printed = run(start + example.command, suite, tmp_path)

    if example.language == "json":
        assert missing(json.loads(example.answer), json.loads(printed)) == []
    else:
        assert printed.startswith(example.answer.partition("…")[0])
        assert "google.rpc.ErrorInfo" not in printed


def missing(shown: Any, real: Any, place: str = "answer") -> list[str]:
    """Return where an answer lacks what the page shows, or has something of another kind."""
    if isinstance(shown, dict) and isinstance(real, dict):
        gone = [f"{place}.{name}" for name in shown.keys() - real.keys()]
        return gone + [
            fault
            for name in shown.keys() & real.keys()
            for fault in missing(shown[name], real[name], f"{place}.{name}")
        ]
    if isinstance(shown, list) and isinstance(real, list):
        pairs = zip(shown, real, strict=False) if real else ()
        short = [f"{place}[0]"] if shown and not real else []
        return short + [fault for pair in pairs for fault in missing(*pair, f"{place}[]")]
    number = (int, float)
    is_alike = type(shown) is type(real) or (isinstance(shown, number) and isinstance(real, number))
    return [] if is_alike else [f"{place}: {real!r}, shown as {shown!r}"]
