"""Puts the stubs into the wheel: the repository has them once, in `protos/gen`."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STUBS = "../../protos/gen/python/facesvg"
LICENCE = "../../LICENSE"


class Stubs(BuildHookInterface):  # type: ignore[misc] # hatchling is there only to build
    """An editable install finds them where they are, by `dev-mode-dirs`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add them to a wheel."""
        if version == "standard":
            build_data["force_include"] |= {STUBS: "facesvg", LICENCE: "facesvg_client/LICENSE"}
