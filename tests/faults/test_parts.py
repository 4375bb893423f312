"""Every part is killed, stopped and restarted under load; nothing that was accepted is lost."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from faults.strikes import STRIKES, Strike
from faults.traffic import flowing

if TYPE_CHECKING:
    from collections.abc import Callable

    from suite import Suite

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "1"))
"""How often each strike comes; `make test-faults` asks for more."""


@pytest.mark.parametrize("strike", STRIKES, ids=str)
def test_no_accepted_task_is_lost(
    suite: Suite, strike: Strike, record_property: Callable[[str, Any], None]
) -> None:
    recovery = []
    with flowing(suite) as traffic:
        for _ in range(ROUNDS):
            strike.act(suite.stack, strike.part)
            traffic.history.kills += strike.is_deadly
            recovery.append(traffic.flows())

    traffic.history.check(suite)
    line = f"{strike!s:32}{traffic.history.size:9}{0:6}{max(recovery):10.1f}"
    record_property("fault", f"{line}   {dict(traffic.history.refused) or ''}")
