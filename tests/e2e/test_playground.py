"""The playground in a real browser, against the whole stack."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from faces import Face, face, fresh
from fixtures.browser import headless, visit
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Download, FilePayload, Page
    from suite import Suite

pytestmark = pytest.mark.e2e

HOPPER = face("hopper")
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DARK = {"color_scheme": "dark", "reduced_motion": "reduce"}
HOSTILE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="alert(1)">
<script>alert(1)</script><a href="javascript:alert(1)"><path d="M0 0"/></a><style>*{}</style>
<foreignObject><b xmlns="http://www.w3.org/1999/xhtml">b</b></foreignObject>
<image href="https://example.com/a.png"/><path id="a" d="M0 0h9" data-region="nose"/></svg>"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with headless() as browser:
        yield browser


@pytest.fixture
def url(suite: Suite) -> str:
    return f"{suite.stack.url}/"


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    with visit(browser, url) as page:
        yield page


def draw_sample(page: Page, name: str = "Grace Hopper") -> None:
    page.get_by_role("button", name=name).click()
    drawn(page)


def drawn(page: Page, regions: int = 27) -> None:
    expect(page.locator("#said")).to_have_text(re.compile(rf"^{regions} regions? "))
    expect(page.locator("#drawing")).not_to_have_attribute("aria-busy", "true")


def give(page: Page, given: Face) -> None:
    for part, data in given.files.items():
        payload: FilePayload = {"name": f"my {part}", "mimeType": "", "buffer": data}
        page.locator(f"#file-{part}").set_input_files(payload)


def saved(page: Page, button: str) -> Download:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    return waiting.value


def region(page: Page, name: str) -> Any:
    return page.locator(f'#stage [data-region="{name}"]')


def test_a_region_under_the_pointer_tells_its_name_its_sides_and_its_area(page: Page) -> None:
    draw_sample(page)

    region(page, "left_cheek").hover()

    expect(page.locator("#tip")).to_contain_text("Left cheekSubject's leftViewer's right")
    expect(page.locator("#tip")).to_contain_text(re.compile(r"[\d,]+ px², [\d.]+%"))
    expect(region(page, "left_cheek")).to_have_class(re.compile(r"\blit\b"))
    expect(page.locator("#regions li.lit")).to_contain_text("Left cheek")


def test_regions_and_layers_are_switched(page: Page) -> None:
    draw_sample(page)

    page.get_by_role("checkbox", name="Nose").uncheck()
    page.get_by_role("checkbox", name="Outlines").uncheck()
    page.get_by_label("Opacity", exact=True).fill("0.2")

    expect(region(page, "nose")).to_be_hidden()
    expect(region(page, "chin")).to_be_visible()
    expect(page.locator("#stage .outlines")).to_be_hidden()
    expect(page.locator("#stage .regions")).to_have_css("opacity", "0.2")


def test_some_regions_are_drawn_alone_and_the_address_says_so(page: Page) -> None:
    draw_sample(page)
    page.get_by_role("button", name="None").click()
    page.get_by_role("checkbox", name="Nose").check()

    page.get_by_role("button", name="Draw only these").click()

    drawn(page, 1)
    expect(page).to_have_url(re.compile(r"\?sample=hopper&regions=nose$"))
    page.get_by_role("button", name="Draw all again").click()
    drawn(page, 27)


def test_an_option_that_changes_draws_anew(page: Page) -> None:
    draw_sample(page)

    page.get_by_label("Preset", exact=True).select_option("features")
    drawn(page, 11)
    page.get_by_label("Show landmarks", exact=True).check()

    expect(page.locator("#stage .landmarks circle")).to_have_count(478)
    expect(page.locator("#regions li")).to_have_count(11)


def test_what_is_wrong_with_an_option_stands_beside_it(browser: Browser, url: str) -> None:
    with visit(browser, url, troubles="status of 400") as page:
        draw_sample(page)
        page.get_by_text("Regions and ids").click()
        option = page.get_by_role("textbox", name="Regions")

        option.fill("nostril")

        expect(page.locator("#option-regions-fault")).to_contain_text("has no region 'nostril'")
        expect(option).to_have_attribute("aria-invalid", "true")
        expect(option).to_be_focused()
        option.fill("nose,chin")
        drawn(page, 2)
        expect(option).not_to_have_attribute("aria-invalid", "true")


def test_what_is_wrong_with_a_file_stands_beside_it(browser: Browser, url: str) -> None:
    with visit(browser, url, troubles="status of 400") as page:
        page.get_by_role("button", name="Draw", exact=True).click()
        expect(page.locator("#file-image-fault")).to_contain_text("image")

        give(page, Face(HOPPER.photo, b"[[1, 2]]", HOPPER.label_map))

        expect(page.locator("#file-landmarks-fault")).to_contain_text("478")
        give(page, fresh(HOPPER, 4001))
        drawn(page)
        expect(page.locator("#file-landmarks-fault")).to_be_hidden()


def test_files_are_dropped_and_watched_until_they_are_drawn(page: Page) -> None:
    given = {
        "a.jpg": list(HOPPER.photo),
        "a.json": list(fresh(HOPPER, 4002).landmarks),
        "a_map.png": list(HOPPER.label_map),
    }

    with page.expect_request(re.compile("/watch/")):
        page.evaluate(
            """given => {
              const dataTransfer = new DataTransfer();
              for (const [name, bytes] of Object.entries(given))
                dataTransfer.items.add(new File([new Uint8Array(bytes)], name));
              dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
            }""",
            given,
        )

    drawn(page)
    expect(page.locator("#file-segmentation_map-name")).to_have_text("a_map.png")
    expect(page.locator("#said")).to_contain_text("drawn in")


def test_what_is_nobodys_field_is_told_with_its_reason(browser: Browser, url: str) -> None:
    with visit(browser, url, troubles="ERR_INTERNET_DISCONNECTED") as page:
        draw_sample(page)
        page.context.set_offline(True)
        page.get_by_label("Trace", exact=True).select_option("polygon")

        expect(page.get_by_role("alert")).to_contain_text("NO_ANSWER")
        page.context.set_offline(False)
        page.get_by_role("button", name="Try again").click()

        drawn(page)
        expect(page.get_by_role("alert")).to_be_hidden()


def test_the_drawing_is_taken_along_and_drawn_again_by_the_command(
    browser: Browser, url: str, tmp_path: Path
) -> None:
    with visit(browser, url, permissions=["clipboard-read", "clipboard-write"]) as page:
        draw_sample(page)
        page.get_by_label("Theme", exact=True).select_option("vivid")
        expect(page.locator("#curl")).to_contain_text("theme=vivid")

        svg = Path(saved(page, "Download SVG").path()).read_text()
        record = json.loads(Path(saved(page, "Download JSON").path()).read_text())
        page.get_by_role("button", name="Copy curl").click()
        expect(page.locator("#said")).to_contain_text("clipboard")
        command = page.evaluate("navigator.clipboard.readText()")

    subprocess.run(["bash", "-c", command], cwd=tmp_path, check=True, timeout=60)
    assert (tmp_path / "face.svg").read_text() == svg
    assert record["result"]["regions_detected"] == 27


def test_a_drawing_is_compared_with_that_of_landmarks_alone(page: Page) -> None:
    draw_sample(page)

    page.get_by_label("Compare without the map").check()
    divider = page.get_by_role("slider", name="Divider")
    divider.focus()
    page.keyboard.press("Home")

    expect(page.locator("#stage .sheet")).to_have_count(2)
    expect(page.locator("#stage .sheet").last).to_have_css("clip-path", "inset(0px 0px 0px 0%)")
    expect(page.locator("#regions li").first).to_contain_text("%")


def test_the_keyboard_is_enough(page: Page) -> None:
    def tab_to(selector: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        pytest.fail(f"the tab key does not reach {selector}")

    tab_to(".sample")
    page.keyboard.press("Enter")
    drawn(page)
    tab_to("#option-trace")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#curl")).to_contain_text("trace=polygon")
    tab_to("#regions input")
    expect(region(page, "forehead")).to_have_class(re.compile(r"\blit\b"))
    page.keyboard.press("Space")

    expect(region(page, "forehead")).to_be_hidden()


@pytest.mark.parametrize("looks", [{}, DARK, PHONE], ids=["light", "dark", "phone"])
def test_everybody_can_read_and_use_it(browser: Browser, url: str, looks: dict[str, Any]) -> None:
    with visit(browser, f"{url}?sample=collins&show_labels=true", **looks) as page:
        drawn(page)
        page.evaluate("document.querySelectorAll('details').forEach(group => group.open = true)")

        found = Axe().run(page).response["violations"]

        assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_nothing_of_a_drawing_but_shapes_reaches_the_page(browser: Browser, url: str) -> None:
    with visit(browser, url, troubles="Content Security Policy") as page:
        made = page.evaluate(
            "async svg => (await import('/static/js/safe.js')).copy(svg).outerHTML", HOSTILE
        )

    assert made == (
        '<svg viewBox="0 0 9 9"><image></image><path d="M0 0h9" data-region="nose"></path></svg>'
    )
