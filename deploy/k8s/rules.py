"""Writes the rules and alerts of deploy/prometheus for the Prometheus Operator: `make alerts`.

Kustomize takes no file from outside of its folder, and none into a resource.
"""

from __future__ import annotations

from pathlib import Path

from deploy.checking.tools import REPOSITORY

WRITTEN = Path(__file__).parent / "components" / "monitoring" / "rules.yaml"
FILES = ("rules.yaml", "alerts.yaml")
HEAD = """\
# Out of deploy/prometheus, by `make alerts`. Alerts lead to the runbook, which lies where
# `runbooks` says, an external label of the Prometheus: `externalLabels` of its resource.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: { name: facesvg }
spec:
  groups:
"""


def manifest() -> str:
    """Return the resource."""
    return HEAD + "".join(map(groups, FILES))


def groups(name: str) -> str:
    """Return the groups of a file, as deep as they stand in the resource."""
    text = (REPOSITORY / "deploy" / "prometheus" / name).read_text()
    lines = text.partition("groups:\n")[2].splitlines()
    return "".join(f"  {line}\n" if line else "\n" for line in lines)


if __name__ == "__main__":
    WRITTEN.write_text(manifest())
