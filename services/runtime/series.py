"""Series that are there from the start, at 0: one that is not there yet cannot be seen to grow.

Counters alone: buckets of what was never called are many lines that say nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf import descriptor_pool

from services.runtime import metrics
from services.runtime.faults import COMMON

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.runtime.faults import FaultTable

MISTAKES = (
    *("AssertionError", "AttributeError", "DatabaseError", "IndexError", "KeyError", "MemoryError"),
    *("OSError", "RpcError", "RuntimeError", "TypeError", "ValueError", "Exception"),
)
"""Types that mistakes of our own are told apart by; any other counts as its nearest ancestor."""


def begin(service: str, names: Iterable[str], table: FaultTable) -> None:
    """Begin what a service that serves these names, with errors of this table, will count."""
    for method in methods(names):
        metrics.started.labels(method)
        for code in ("OK", "INTERNAL"):
            metrics.calls.labels(method, code)
    for mistake in MISTAKES:
        metrics.errors.labels(mistake, service)
    for kind in (*COMMON, *table):
        metrics.refusals.labels(kind.__name__, service)


def methods(names: Iterable[str]) -> Iterable[str]:
    """Yield `/package.Service/Method` for every method of some services."""
    pool = descriptor_pool.Default()
    for name in names:
        for method in pool.FindServiceByName(name).methods:
            yield f"/{name}/{method.name}"


def mistake(exception: BaseException) -> str:
    """Return the type that an exception is counted by.

    >>> mistake(UnicodeError()), mistake(ArithmeticError())
    ('ValueError', 'Exception')
    """
    kinds = (kind.__name__ for kind in type(exception).__mro__)
    return next((name for name in kinds if name in MISTAKES), "Exception")
