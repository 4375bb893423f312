"""Prometheus beside the stack, configured by `deploy/prometheus` on the ports that are used."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from deploy.local import ports, tools
from deploy.local.errors import PortTaken
from deploy.local.layout import REPOSITORY
from deploy.local.ports import Ports

if TYPE_CHECKING:
    from pathlib import Path

HOST, VARIABLE = "127.0.0.1", "PROMETHEUS_PORT"
CONFIGURATION = REPOSITORY / "deploy" / "prometheus"
TARGET = re.compile(rf'"{re.escape(HOST)}:(\d+)"')
RUNBOOKS = re.compile(r'(?<=runbooks: )"[^"]*"')
RULES = re.compile(r"^  - (\w+\.yaml)$", re.MULTILINE)


def configured(used: Ports, runbooks: str = "") -> str:
    """Return the scrape configuration on the ports of a stack, its rules by their full paths.

    Alerts lead to `runbooks`, by default a page at the door.
    """
    usual = vars(Ports())
    moved = {str(port): vars(used)[name] for name, port in usual.items()}
    text = (CONFIGURATION / "prometheus.yaml").read_text()
    text = TARGET.sub(lambda found: f'"{HOST}:{moved[found[1]]}"', text)
    lead = runbooks or f"http://{HOST}:{used.api_port}/static/runbook.html"
    text = RUNBOOKS.sub(lambda _: json.dumps(lead), text)
    return RULES.sub(lambda found: f"  - {json.dumps(str(CONFIGURATION / found[1]))}", text)


def prepared(root: Path, used: Ports, port: int, runbooks: str = "") -> tuple[str, ...]:
    """Write the configuration below `root` and return the command that serves it at a port.

    Raises `MissingTool` and `PortTaken`.
    """
    program = tools.prometheus()
    if not ports.is_free(HOST, port):
        raise PortTaken(port, VARIABLE, "Prometheus", ports.holder(port))
    root.mkdir(parents=True, exist_ok=True)
    (root / "prometheus.yaml").write_text(configured(used, runbooks))
    return (
        *(str(program), f"--config.file={root / 'prometheus.yaml'}"),
        *(f"--storage.tsdb.path={root / 'data'}", f"--web.listen-address={HOST}:{port}"),
        "--log.level=warn",
    )
