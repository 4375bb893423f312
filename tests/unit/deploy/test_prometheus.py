import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
RULES = [ROOT / "deploy/prometheus" / name for name in ("rules.yaml", "alerts.yaml")]
METRIC = re.compile(
    r"\b((?:api|cache|task|grpc_server|oldest|active|dependency|refusals)_[a-z_]+)\b(?=[\[{)]| >)"
)
PART = re.compile(r"_(bucket|sum|count)$")


@pytest.mark.parametrize("rules", RULES, ids=lambda path: path.stem)
def test_every_metric_of_a_rule_is_one_that_a_service_has(rules: Path) -> None:
    had = "".join(path.read_text() for path in (ROOT / "services").glob("*/metrics.py"))

    named = {PART.sub("", name) for name in METRIC.findall(rules.read_text())}

    assert named
    assert {name for name in named if f'"{name}"' not in had} == set()


def test_every_alert_leads_to_a_heading_of_the_runbook() -> None:
    headings = re.findall(r"^#+ (.+)$", (ROOT / "docs/operations.md").read_text(), re.MULTILINE)
    alerts = RULES[1].read_text()

    anchors = re.findall(r"runbook_url: docs/operations\.md#(\S+)", alerts)

    assert len(anchors) == alerts.count("- alert:")
    assert set(anchors) <= {heading.lower().replace(" ", "-") for heading in headings}


def test_every_alert_is_tested_where_it_is_to_be_heard() -> None:
    tests = (ROOT / "deploy/prometheus/tests.yaml").read_text()

    alerts = re.findall(r"- alert: (\w+)", RULES[1].read_text())
    heard = re.findall(r"alertname: (\w+)\n +exp_alerts:\n +- exp_labels", tests)

    assert set(heard) == set(alerts)
