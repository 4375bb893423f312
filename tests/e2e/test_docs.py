"""The documentation, as people use it in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from e2e.browser import ABSENT, CHROMIUM, visiting
from faces import FACES

if TYPE_CHECKING:
    from suite import Suite

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(CHROMIUM is None, reason=ABSENT)]

HOPPER = FACES / "hopper"


def test_a_photo_can_be_tried_out(suite: Suite) -> None:
    with visiting(f"{suite.stack.url}/docs") as visit:
        operation = visit.page.locator("#operations-Drawing-Render")
        operation.locator(".opblock-summary-control").click()
        files = operation.locator("input[type=file]")
        for number, name in enumerate(("photo.jpg", "landmarks.json", "segmentation_map.png")):
            files.nth(number).set_input_files(HOPPER / name)

        with visit.page.expect_response("**/render*") as answered:
            operation.locator("button.execute").click()

        operation.locator(".live-responses-table").wait_for()
        assert answered.value.status == 200
        assert "<svg" in operation.locator(".live-responses-table").inner_text()
        assert [url for url in visit.left if not url.startswith(suite.stack.url)] == []
        assert visit.blocked == visit.errors == []


def test_the_reference_asks_nobody_else(suite: Suite) -> None:
    with visiting(f"{suite.stack.url}/redoc") as visit:
        visit.page.get_by_text("Face photos become SVGs").wait_for()

        assert [url for url in visit.left if not url.startswith(suite.stack.url)] == []
        assert visit.errors == []
