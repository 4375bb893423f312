"""The machine's own Chromium, for the tests that look at pages as people do."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page, Request

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
ABSENT = f"there is no Chromium: none of {', '.join(NAMES)} is on PATH; CHROMIUM names another"
PATIENCE_MS = 180_000
"""How long something may take to be seen: long, for machines that do much else."""


class Visit:
    """What a page asked for and complained of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.blocked: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("requestfailed", self._note_failure)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _note_failure(self, request: Request) -> None:
        if request.failure == "csp":
            self.blocked.append(request.url)

    @property
    def left(self) -> list[str]:
        """What went out: asked for, and not kept back by the page's policy."""
        inner = ("data:", "blob:")
        return [url for url in self.asked if url not in self.blocked and not url.startswith(inner)]


@contextmanager
def visiting(url: str) -> Iterator[Visit]:
    """Open a page in a browser of its own."""
    with sync_playwright() as play:
        # As root, as containers are, Chromium has no sandbox.
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            visit = Visit(chromium.new_page())
            visit.page.set_default_timeout(PATIENCE_MS)
            visit.page.goto(url)
            yield visit
        finally:
            chromium.close()
