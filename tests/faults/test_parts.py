"""Every part is killed, stopped and restarted under load; nothing that was accepted is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from faults.rounds import ROUNDS
from faults.strikes import STRIKES
from faults.traffic import flowing

if TYPE_CHECKING:
    from collections.abc import Callable

    from suite import Suite

# One stack is enough for all of them.
pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]


@pytest.mark.parametrize("part", STRIKES)
def test_no_accepted_task_is_lost(
    suite: Suite, part: str, record_property: Callable[[str, Any], None]
) -> None:
    lines = []
    with flowing(suite) as traffic:
        for strike in STRIKES[part] * ROUNDS:
            before = traffic.history.size
            strike.act(suite.stack, part)
            traffic.history.blows += strike.is_deadly
            seconds = traffic.flows()
            accepted = traffic.history.size - before
            lines.append(f"{part + ' ' + strike.name:32}{accepted:9}{seconds:10.1f}")

    traffic.history.check(suite)
    for line in lines:
        record_property("fault", line)
