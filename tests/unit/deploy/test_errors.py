"""What is told of a part that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.local.errors import PartFailed

if TYPE_CHECKING:
    from pathlib import Path


def test_a_part_that_ends_again_and_again_says_why_once(tmp_path: Path) -> None:
    log = tmp_path / "cache.log"
    log.write_text("serving\n" + 3 * "CACHE_TTL_HOURS='soon' is not a number\n")

    told = str(PartFailed("cache", "ends", log))

    assert told.endswith(
        "cache.log ends with:\n  serving\n  CACHE_TTL_HOURS='soon' is not a number"
    )
