import re
from pathlib import Path

import pytest

from deploy import runbook

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

    anchors = re.findall(r'runbook_url: "{{ \$externalLabels\.runbooks }}#(\S+)"', alerts)

    assert len(anchors) == alerts.count("- alert:")
    assert set(anchors) <= set(map(runbook.anchor, headings))


def test_the_page_that_alerts_lead_to_has_all_that_they_lead_to() -> None:
    page = runbook.PAGE.read_text()

    assert page == runbook.page(), "run `make runbook`"
    anchors = re.findall(r"runbooks }}#([\w-]+)", RULES[1].read_text())
    assert [anchor for anchor in anchors if f'<h3 id="{anchor}">' not in page] == []
    inner = re.findall(r'href="#([^"]+)"', page)
    assert [anchor for anchor in inner if f'id="{anchor}"' not in page] == []


def test_every_configuration_says_where_the_runbook_is() -> None:
    for path in RULES[0].parent.glob("*.yaml"):
        if "scrape_configs" in path.read_text():
            assert "external_labels: {runbooks: " in path.read_text()


def test_every_alert_is_tested_where_it_is_to_be_heard() -> None:
    tests = (ROOT / "deploy/prometheus/tests.yaml").read_text()

    alerts = re.findall(r"- alert: (\w+)", RULES[1].read_text())
    heard = re.findall(r"alertname: (\w+)\n +exp_alerts:\n +- exp_labels", tests)

    assert set(heard) == set(alerts)
