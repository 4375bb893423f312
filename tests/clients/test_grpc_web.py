"""A page on another site that draws a face over gRPC-Web, in a real browser."""

from __future__ import annotations

import shutil
import subprocess
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from faces import Face, face, fresh
from fixtures.browser import headless, visit
from playwright.sync_api import FilePayload, Page, expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from suite import Suite

pytestmark = [pytest.mark.e2e, pytest.mark.toolchain]

WEB = Path(__file__).parents[2] / "clients/examples/web"
HOPPER = face("hopper")


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and says nothing of it."""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def site() -> Iterator[str]:
    """Serve the page from a place that is not the suite's."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(WEB))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def page(suite: Suite) -> Iterator[Page]:
    """Return the page, built as its README says."""
    if shutil.which("npm") is None:
        pytest.skip("web needs npm, which is not on PATH")
    for step in (("npm", "install", "--silent"), ("npm", "run", "build")):
        subprocess.run(step, cwd=WEB, check=True)
    with headless() as browser, site() as url:
        opened = visit(
            browser,
            f"{url}/?suite={suite.stack.url}",
            calls=suite.stack.url,
            troubles="status of 400",
        )
        with opened as page:
            yield page


def draw(page: Page, drawn: Face) -> None:
    """Choose a face's files and press the button."""
    parts = {"Photo": drawn.photo, "Landmarks": drawn.landmarks, "Map": drawn.label_map}
    for label, data in parts.items():
        part = FilePayload(name=label, mimeType="application/octet-stream", buffer=data)
        page.get_by_label(label).set_input_files(part)
    page.get_by_role("button", name="Draw").click()


def test_a_face_is_drawn_and_the_next_time_not_uploaded(page: Page, suite: Suite) -> None:
    photo, before = fresh(HOPPER, 8701), suite.task_ids()

    draw(page, photo)

    expect(page.locator("figure svg [data-region]")).to_have_count(27)
    assert page.locator("progress").get_attribute("value") == "100"
    [task_id] = suite.task_ids() - before
    assert suite.status(task_id)["result"]["regions_detected"] == 27
    uploads = suite.uploads()
    draw(page, photo)
    expect(page.get_by_role("status")).to_contain_text("nothing was uploaded")
    expect(page.locator("figure svg [data-region]")).to_have_count(27)
    assert suite.uploads() == uploads


def test_what_is_refused_is_told_with_its_reason(page: Page) -> None:
    draw(page, Face(HOPPER.photo, b"[[1, 2]]", HOPPER.label_map))

    expect(page.get_by_role("alert")).to_contain_text("LANDMARK_COUNT: ")
