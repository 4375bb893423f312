"""The pictures of the command line show it as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploy.pictures import terminals

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 60_000
"""Bytes of a picture; the largest has 17 000."""


def test_the_help_is_that_of_the_command(tmp_path: Path) -> None:
    name = "cli-help.svg"

    taken = terminals.picture(terminals.SCENES[name], tmp_path)

    assert taken == (terminals.IMAGES / name).read_text(encoding="utf-8"), (
        "take them anew, of a suite that runs: python -m deploy.pictures.terminals"
    )


@pytest.mark.parametrize("name", terminals.SCENES)
def test_a_picture_is_small_and_fetches_nothing(name: str) -> None:
    svg = (terminals.IMAGES / name).read_text(encoding="utf-8")

    assert len(svg) < LARGEST
    assert "url(http" not in svg
    assert "@font-face" not in svg
