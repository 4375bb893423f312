"""What browsers may have, and what they may not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from services.gateway.site import shelf
from services.gateway.site.servicer import PAGES

if TYPE_CHECKING:
    from pathlib import Path

FILLED = shelf.filled()


@pytest.mark.parametrize("name", sorted(PAGES.values()))
def test_every_page_is_on_the_shelf(name: str) -> None:
    assert FILLED.read(name).data


def test_the_description_of_the_api_is_that_of_the_contract() -> None:
    assert json.loads(FILLED.read("openapi.json").data)["info"]["title"] == "facesvg"


@pytest.mark.parametrize("name", sorted(shelf.VENDOR))
def test_the_files_of_others_are_found_in_their_package(name: str) -> None:
    assert FILLED.read(name).kind.startswith("text/")


def test_everything_in_the_folder_is_of_a_known_kind() -> None:
    laid = {path.suffix for path in shelf.STATIC.rglob("*") if path.is_file()}

    assert laid - set(shelf.KINDS) == set()


@pytest.mark.parametrize(
    "name",
    ["../settings.py", "/etc/passwd", "vendor/../../settings.py", "", ".", "static/index.html"],
)
def test_a_path_is_looked_up_and_never_followed(name: str) -> None:
    with pytest.raises(shelf.NotOnShelf):
        FILLED.read(name)


def test_files_of_other_kinds_are_not_served(tmp_path: Path) -> None:
    (tmp_path / "notes.py").write_text("secret = 1")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "page.html").write_text("<p>")

    assert set(shelf.found(tmp_path)) == {"deep/page.html"}


def test_the_etag_changes_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("one")
    one_page = shelf.Shelf({"page.html": path})
    before = one_page.read("page.html").etag

    path.write_text("two")

    assert one_page.read("page.html").etag != before


def test_a_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_package_here is not installed"):
        shelf.package("no_such_package_here")
