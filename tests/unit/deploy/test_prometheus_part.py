from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from deploy.local import prometheus
from deploy.local.errors import MissingTool
from deploy.local.ports import Ports

if TYPE_CHECKING:
    from pathlib import Path

TARGETS = re.compile(r'targets: \["127\.0\.0\.1:(\d+)"\]')
SCRAPED = ("gateway_metrics", "processor_metrics", "cache_metrics", "worker_metrics", "envoy_admin")


def test_it_scrapes_each_part_where_it_is() -> None:
    used = Ports.free()

    scraped = TARGETS.findall(prometheus.configured(used))

    assert scraped == [str(getattr(used, f"{part}_port")) for part in SCRAPED]


def test_a_port_that_is_the_usual_one_of_another_part_is_not_moved_twice() -> None:
    used = replace(Ports(), gateway_metrics_port=9102, processor_metrics_port=9101)

    assert TARGETS.findall(prometheus.configured(used))[:2] == ["9102", "9101"]


def test_it_reads_the_rules_where_they_lie() -> None:
    rules = re.findall(r'  - "(/.+\.yaml)"', prometheus.configured(Ports()))

    assert rules == [str(prometheus.CONFIGURATION / f"{name}.yaml") for name in ("rules", "alerts")]


@pytest.mark.parametrize("chosen", ["", "https://wiki.example/faces"])
def test_alerts_lead_to_the_door_or_where_they_are_told(chosen: str) -> None:
    used = Ports.free()

    [led] = re.findall(r'runbooks: "(.+)"', prometheus.configured(used, chosen))

    assert led == (chosen or f"http://127.0.0.1:{used.api_port}/static/runbook.html")


def test_a_machine_without_it_is_told_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(MissingTool, match=r"apt install .* STACK=docker make monitoring"):
        prometheus.prepared(tmp_path, Ports(), 9090)
