"""Methods that nobody has: gRPC itself would say UNIMPLEMENTED, without a reason."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import grpc
from grpc_status import rpc_status

from services.runtime import faults
from services.runtime.context import REQUEST_ID_KEY, request_id, request_id_from
from services.runtime.faults import Fault
from services.runtime.headers import headers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SHOWN = 128
"""Characters of an unknown method's name that an error repeats."""

UNKNOWN = Fault(grpc.StatusCode.UNIMPLEMENTED, "NOT_FOUND")


class UnknownMethods(grpc.aio.ServerInterceptor):
    """Answers calls of methods that nobody has.

    Stands outermost: what counts, times and traces calls by method never sees a made-up name.
    """

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Return the method's handler, or one that says that there is none."""
        handler = await continuation(handler_call_details)
        if handler is not None:
            return handler
        told: Any = partial(refuse, handler_call_details.method)
        return grpc.stream_stream_rpc_method_handler(told)


async def refuse(method: str, requests: Any, context: grpc.aio.ServicerContext[Any, Any]) -> None:
    """End a call of a method that nobody has."""
    del requests
    request_id.set(request_id_from(headers(context).get(REQUEST_ID_KEY)))
    shown = method[:SHOWN]
    status = faults.status_of(
        UNKNOWN,
        f"there is no method {shown}; reflection lists those that there are",
        {"method": shown},
    )
    faults.identify(status)
    await context.abort_with_status(rpc_status.to_status(status))
