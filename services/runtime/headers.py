"""What came along with the call under way: gRPC makes it anew whenever it is asked."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import grpc

_read: ContextVar[tuple[object, Mapping[str, str]]] = ContextVar("headers")


def headers(context: grpc.aio.ServicerContext[Any, Any]) -> Mapping[str, str]:
    """Return a call's metadata that is text; of a key that came twice, the last."""
    of, known = _read.get((None, {}))
    if of is not context:
        known = {
            key: value
            for key, value in context.invocation_metadata() or ()
            if isinstance(value, str)
        }
        _read.set((context, known))
    return known
