"""Finds the metrics that a PromQL query asks for."""

import re

ASIDE = re.compile(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(by|without|on|ignoring)\s*\([^)]*\)')
"""What holds names that are none of metrics: strings, labels, spans of time."""
NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*(?![a-zA-Z0-9_:]*\s*\()")
WORDS = frozenset({"and", "or", "unless", "bool", "offset"})


def metrics(query: str) -> set[str]:
    """Return their names.

    >>> sorted(metrics('sum by (le) (rate(a_total{b="c"}[5m])) / x:y or absent(up)'))
    ['a_total', 'up', 'x:y']
    """
    return set(NAME.findall(ASIDE.sub(" ", query))) - WORDS
