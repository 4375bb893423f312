"""Which verbs each path of the REST interface has: the door refuses all others by name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from google.api import annotations_pb2

from facesvg.v1 import gateway_pb2, pages_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SERVICES = (
    gateway_pb2.DESCRIPTOR.services_by_name["GatewayService"],
    pages_pb2.DESCRIPTOR.services_by_name["PagesService"],
)
REST = r"/?(\?.*)?"
"""What may follow a path: a slash, which makes no difference, and a query."""
VARIABLE = re.compile(r"\{(\w+)(?:=([^}]+))?\}")


def verbs() -> Mapping[str, tuple[str, ...]]:
    """Return the verbs of each path, by a pattern for the path; the most particular ones first.

    >>> verbs()["/api/v1/frontal/crop/svg/[^/?]+" + REST]
    ('GET',)
    """
    found: dict[str, tuple[str, ...]] = {}
    for path, verb in sorted(routes(), key=lambda route: (route[0].count("{"), route)):
        at = pattern(path)
        found[at] = (*found.get(at, ()), verb)
    return found


def routes() -> Iterator[tuple[str, str]]:
    """Yield path and verb of every method that REST has."""
    for service in SERVICES:
        for method in service.methods:
            rule: Any = method.GetOptions().Extensions[annotations_pb2.http]
            for binding in (rule, *rule.additional_bindings):
                if verb := binding.WhichOneof("pattern"):
                    yield getattr(binding, verb), verb.upper()


def pattern(path: str) -> str:
    """Return what matches a path, whatever its query.

    >>> pattern("/static/{path=**}").removesuffix(REST), pattern("/{id}").removesuffix(REST)
    ('/static/.+', '/[^/?]+')
    """
    literal, at = "", 0
    for variable in VARIABLE.finditer(path):
        literal += re.escape(path[at : variable.start()])
        literal += {None: "[^/?]+", "**": ".+"}.get(variable[2]) or re.escape(variable[2])
        at = variable.end()
    return literal + re.escape(path[at:]) + REST
