"""Asks every service how it is: `python -m deploy.compose.health http://127.0.0.1:8000`."""

from __future__ import annotations

import sys
from typing import Any

from deploy.compose.door import door
from deploy.local.errors import StackError
from deploy.local.rest import Refused


def main(url: str) -> int:
    """Say of each service what it said; 0 when the suite can draw."""
    try:
        services = door(url).json("/health")["services"]
    except Refused as refused:
        details = refused.told.get("details", [])
        facts = [fact for detail in details for fact in detail.get("metadata", {}).items()]
        print(refused, *(f"  {name:<12} {value}" for name, value in facts), sep="\n")
        return 1
    print(*map(told, services), sep="\n")
    return 0


def told(service: dict[str, Any]) -> str:
    """Return what a service said of itself, and of what it depends on, in a line.

    >>> told({"service": "cache", "version": "1", "dependencies": {"postgres": "healthy"}})
    'cache 1: postgres healthy'
    """
    states = [f"{name} {state}" for name, state in service.get("dependencies", {}).items()]
    return f"{service['service']} {service['version']}: {', '.join(states) or 'healthy'}"


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except StackError as error:
        sys.exit(f"error {error}")
