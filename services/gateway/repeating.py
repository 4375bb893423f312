"""What a client calls its submission, so that it may send it again: the `Idempotency-Key`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from services.gateway import ids
from services.runtime.headers import headers

if TYPE_CHECKING:
    import grpc

HEADER = "idempotency-key"
KEY = re.compile(r"[!-~]{1,255}")


def idempotency_key(context: grpc.aio.ServicerContext[Any, Any]) -> str:
    """Return a call's key, empty without; raises `InvalidArgument` for one that cannot be."""
    if HEADER not in headers(context):
        return ""
    given = {str(value) for name, value in context.invocation_metadata() or () if name == HEADER}
    key = given.pop()
    if given:
        raise ids.InvalidArgument(HEADER, ", ".join(sorted({key, *given})), "one key")
    if not KEY.fullmatch(key):
        raise ids.InvalidArgument(HEADER, key, "1 to 255 visible ASCII characters")
    return key
