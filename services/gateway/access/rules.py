"""What each method asks of its caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.gateway.access.keys import ADMIN, DRAW

if TYPE_CHECKING:
    from collections.abc import Mapping

OPEN = "open"
"""No key is asked for."""

GATEWAY = "/facesvg.v1.GatewayService/"
HEALTH = "/grpc.health.v1.Health/"
PAGES = "/facesvg.v1.PagesService/"

METHODS: Mapping[str, str] = {
    "Submit": DRAW,
    "SubmitForm": DRAW,
    "Render": DRAW,
    "FindByDigest": DRAW,
    "FindByInputs": DRAW,
    "GetStatus": DRAW,
    "WatchTask": DRAW,
    "GetSvg": DRAW,
    "CancelTask": DRAW,
    "DeleteTask": DRAW,
    "ListTasks": DRAW,
    "ListRecent": DRAW,
    "ListRegions": DRAW,
    # What the whole cache did, whosever tasks they were.
    "GetCacheStats": ADMIN,
    "CleanupCache": ADMIN,
    "GetDatabaseHealth": ADMIN,
    "GetSuiteMetrics": ADMIN,
    "GetHealth": OPEN,
}

SUBMISSIONS = frozenset(GATEWAY + name for name in ("Submit", "SubmitForm", "Render"))
"""What counts against a day's quota."""


def scope_of(method: str) -> str:
    """Return the scope that a method (`/package.Service/Method`) needs: the operator's by default.

    >>> scope_of("/grpc.health.v1.Health/Check"), scope_of("/facesvg.v1.OperationsService/GetInfo")
    ('open', 'admin')
    """
    if method.startswith((HEALTH, PAGES)):
        return OPEN
    if method.startswith("/grpc.reflection."):
        return DRAW
    return METHODS.get(method.removeprefix(GATEWAY), ADMIN)
