"""What several tests of the gateway need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.gateway.access.caller import ANYBODY, Caller, caller

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def as_somebody_else() -> Iterator[None]:
    token = caller.set(Caller("b", tenant="b", scopes=ANYBODY.scopes))
    yield
    caller.reset(token)
