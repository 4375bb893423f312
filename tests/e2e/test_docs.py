"""The documentation, as people use it in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from faces import FACES
from fixtures.browser import headless, visit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser
    from suite import Suite

pytestmark = pytest.mark.e2e

HOPPER = FACES / "hopper"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with headless() as browser:
        yield browser


def test_a_photo_can_be_tried_out(browser: Browser, suite: Suite) -> None:
    with visit(browser, f"{suite.stack.url}/docs") as page:
        operation = page.locator("#operations-Drawing-Render")
        operation.locator(".opblock-summary-control").click()
        files = operation.locator("input[type=file]")
        for number, name in enumerate(("photo.jpg", "landmarks.json", "segmentation_map.png")):
            files.nth(number).set_input_files(HOPPER / name)

        with page.expect_response("**/render*") as answered:
            operation.locator("button.execute").click()

        operation.locator(".live-responses-table").wait_for()
        assert answered.value.status == 200
        assert "<svg" in operation.locator(".live-responses-table").inner_text()


def test_the_reference_asks_nobody_else(browser: Browser, suite: Suite) -> None:
    with visit(browser, f"{suite.stack.url}/redoc", troubles="Content Security Policy") as page:
        page.get_by_text("Face photos become SVGs").wait_for()
