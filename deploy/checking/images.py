"""Checks the Dockerfile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.checking.tools import wheel
from deploy.checking.verdict import Verdict, ran

if TYPE_CHECKING:
    from collections.abc import Iterator


def verdicts() -> Iterator[Verdict]:
    """Yield what the linter says; `.hadolint.yaml` has what is overruled."""
    yield ran("hadolint deploy/docker/Dockerfile", [wheel("hadolint"), "deploy/docker/Dockerfile"])
