"""What a dashboard is made of, and the JSON that Grafana takes it as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS = 24
"""Of Grafana's grid."""
SCHEMA = 41
"""Of the JSON; later versions of Grafana read earlier ones."""
TAG = "facesvg"

STAT, LINES, AREAS, BARS = "stat", "lines", "areas", "bars"


@dataclass(frozen=True)
class Panel:
    """One picture of some queries."""

    title: str
    tells: str
    """What it says to whoever looks, and when that is bad."""
    unit: str
    """Grafana's name of it: `reqps`, `s`, `percentunit`, `bytes`, `short`…"""
    queries: dict[str, str]
    """PromQL by its legend, in which `{{label}}` is the label's value."""
    looks: str = LINES
    width: int = 12
    limits: tuple[float, ...] = ()
    """Where yellow and red begin; a second below the first means that little is bad."""

    @property
    def height(self) -> int:
        """Rows of the grid."""
        return 4 if self.looks == STAT else 8


@dataclass(frozen=True)
class Board:
    """A dashboard: rows of panels under a heading each."""

    uid: str
    title: str
    tells: str
    rows: dict[str, tuple[Panel, ...]]


def as_json(board: Board) -> dict[str, Any]:
    """Return a dashboard as Grafana's file provisioning reads it."""
    return {
        "id": None,
        "uid": board.uid,
        "title": board.title,
        "description": board.tells,
        "tags": [TAG],
        "schemaVersion": SCHEMA,
        "editable": False,
        "graphTooltip": 1,  # one cross-hair through all panels
        "time": {"from": "now-1h", "to": "now"},
        "refresh": "30s",
        "templating": {"list": [source()]},
        "links": [
            {
                "type": "dashboards",
                "title": "facesvg",
                "tags": [TAG],
                "asDropdown": True,
                "keepTime": True,
                "includeVars": True,
            }
        ],
        "panels": laid(board),
    }


def source() -> dict[str, Any]:
    """Return the variable by which another Prometheus is chosen."""
    return {
        "name": "datasource",
        "label": "Prometheus",
        "type": "datasource",
        "query": "prometheus",
        "current": {"text": "Prometheus", "value": "prometheus"},
        "hide": 0,
        "refresh": 1,
    }


def laid(board: Board) -> list[dict[str, Any]]:
    """Return all panels, from left to right and down, numbered."""
    found: list[dict[str, Any]] = []
    y = 0
    for heading, panels in board.rows.items():
        found.append(row(len(found) + 1, heading, y))
        y += 1
        x = deepest = 0
        for panel in panels:
            if x + panel.width > COLUMNS:
                x, y, deepest = 0, y + deepest, 0
            place = {"x": x, "y": y, "w": panel.width, "h": panel.height}
            found.append({"id": len(found) + 1, "gridPos": place, **picture(panel)})
            x, deepest = x + panel.width, max(deepest, panel.height)
        y += deepest
    return found


def row(number: int, heading: str, y: int) -> dict[str, Any]:
    """Return a heading."""
    place = {"x": 0, "y": y, "w": COLUMNS, "h": 1}
    return {"id": number, "gridPos": place, "type": "row", "title": heading, "collapsed": False}


def picture(panel: Panel) -> dict[str, Any]:
    """Return a panel without its place."""
    return {
        "type": "stat" if panel.looks == STAT else "timeseries",
        "title": panel.title,
        "description": panel.tells,
        "datasource": SOURCE,
        "targets": targets(panel),
        "fieldConfig": {"defaults": field(panel), "overrides": []},
        "options": options(panel),
    }


def targets(panel: Panel) -> list[dict[str, Any]]:
    """Return the queries, lettered."""
    return [
        {
            "refId": letter,
            "datasource": SOURCE,
            "expr": query,
            "legendFormat": legend,
            "instant": panel.looks == STAT,
            "range": panel.looks != STAT,
        }
        for letter, (legend, query) in zip("ABCDEFGH", panel.queries.items(), strict=False)
    ]


def field(panel: Panel) -> dict[str, Any]:
    """Return how values are written and drawn."""
    written: dict[str, Any] = {"unit": panel.unit, "thresholds": thresholds(panel.limits)}
    if panel.unit == "percentunit":
        written |= {"min": 0, "max": 1}
    if panel.looks == STAT:
        return {**written, "color": {"mode": "thresholds"}}
    stacks = panel.looks in (AREAS, BARS)
    return {
        **written,
        "min": 0,
        "color": {"mode": "palette-classic"},
        "custom": {
            "drawStyle": "bars" if panel.looks == BARS else "line",
            "fillOpacity": 30 if stacks else 0,
            "stacking": {"mode": "normal" if stacks else "none"},
            "showPoints": "never",
            "thresholdsStyle": {"mode": "dashed" if panel.limits else "off"},
        },
    }


def thresholds(limits: tuple[float, ...]) -> dict[str, Any]:
    """Return the colours of values; limits that fall go from red up to green.

    >>> [step["color"] for step in thresholds((0.9, 0.5))["steps"]]
    ['red', 'yellow', 'green']
    """
    falls = limits != tuple(sorted(limits))
    colours = ("red", "yellow", "green") if falls else ("green", "yellow", "red")
    bounds = (None, *sorted(limits))
    steps = [
        {"color": colour, "value": bound} for colour, bound in zip(colours, bounds, strict=False)
    ]
    return {"mode": "absolute", "steps": steps}


def options(panel: Panel) -> dict[str, Any]:
    """Return what belongs to the kind of picture."""
    if panel.looks == STAT:
        return {
            "reduceOptions": {"calcs": ["lastNotNull"]},
            "colorMode": "background" if panel.limits else "value",
            "graphMode": "none",
            "textMode": "auto" if len(panel.queries) == 1 else "value_and_name",
        }
    return {
        "legend": {"displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull", "max"]},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
