"""From exceptions to what a client is told: `google.rpc.Status` with one `ErrorInfo`."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from services.runtime import again, draining, messages, upload_errors
from services.runtime.context import request_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from google.protobuf.message import Message

DOMAIN = "facesvg"
REQUEST_ID = "request_id"


@dataclass(frozen=True)
class Fault:
    """What a kind of exception means to a client.

    `reason` is a name of `ErrorReason` without its prefix.
    """

    code: grpc.StatusCode
    reason: str


FaultTable: TypeAlias = "Mapping[type[BaseException], Fault]"

# What any service may meet; a service's own table comes before it.
COMMON: FaultTable = {
    upload_errors.TruncatedUpload: Fault(grpc.StatusCode.INVALID_ARGUMENT, "TRUNCATED_UPLOAD"),
    upload_errors.MissingPart: Fault(grpc.StatusCode.INVALID_ARGUMENT, "MISSING_PART"),
    upload_errors.UnexpectedPart: Fault(grpc.StatusCode.INVALID_ARGUMENT, "UNEXPECTED_PART"),
    upload_errors.PartTooLarge: Fault(grpc.StatusCode.INVALID_ARGUMENT, "PART_TOO_LARGE"),
    messages.UnreadableMessage: Fault(grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_REQUEST"),
    draining.GoingAway: Fault(grpc.StatusCode.UNAVAILABLE, "DEPENDENCY_UNAVAILABLE"),
    asyncio.TimeoutError: Fault(grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"),
}

RETRY_SECONDS: Mapping[grpc.StatusCode, float] = {
    grpc.StatusCode.UNAVAILABLE: 3.0,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 1.0,
    grpc.StatusCode.DEADLINE_EXCEEDED: 5.0,
}
"""What is worth waiting where an exception does not know better. A part that is away was waited for
already: it is more than `again.SOON`, lest every service on the way waits for it anew. A call that
took too long met a service with too much to do."""

# What a peer's bare status means to our own client.
RELAYED = {
    # A server that stops cancels what it has not begun; whoever cancels a call of ours is away.
    grpc.StatusCode.CANCELLED: Fault(grpc.StatusCode.UNAVAILABLE, "DEPENDENCY_UNAVAILABLE"),
    grpc.StatusCode.UNAVAILABLE: Fault(grpc.StatusCode.UNAVAILABLE, "DEPENDENCY_UNAVAILABLE"),
    grpc.StatusCode.DEADLINE_EXCEEDED: Fault(
        grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"
    ),
}


def to_status(exception: BaseException, table: FaultTable) -> status_pb2.Status | None:
    """Return what to tell a client of `exception`, or None when it is a mistake of our own.

    The exception's `facts`, `field` and `retry_after` (seconds), where it has them, become the
    metadata of the `ErrorInfo`, a `BadRequest` and a `RetryInfo`; what may be sent again has one
    anyway.
    """
    if isinstance(exception, grpc.aio.AioRpcError):
        return relayed(exception)
    kind = kind_of(exception, table)
    if kind is None:
        return None
    fault = table[kind] if kind in table else COMMON[kind]
    message = str(exception) or fault.reason.replace("_", " ").lower()
    status = status_of(fault, message, getattr(exception, "facts", {}))
    field = getattr(exception, "field", None)
    if field:
        violation = error_details_pb2.BadRequest.FieldViolation(field=field, description=message)
        status.details.append(packed(error_details_pb2.BadRequest(field_violations=[violation])))
    seconds = getattr(exception, "retry_after", None) or RETRY_SECONDS.get(fault.code)
    return waiting(status, seconds)


def kind_of(exception: BaseException, table: FaultTable) -> type[BaseException] | None:
    """Return the nearest kind of an exception that a table, or any service, knows."""
    kinds = type(exception).__mro__
    return next((kind for kind in kinds if kind in table or kind in COMMON), None)


def relayed(error: grpc.aio.AioRpcError) -> status_pb2.Status | None:
    """Return a peer's own status where it speaks our language, else what its code means here."""
    status = rpc_status.from_call(error)
    if status is not None and any(
        d.Is(error_details_pb2.ErrorInfo.DESCRIPTOR) for d in status.details
    ):
        return status
    is_cut = again.is_cut(error)
    fault = RELAYED.get(grpc.StatusCode.UNAVAILABLE if is_cut else error.code())
    if fault is None:
        return None
    message = "a part of the service does not answer; send the request again"
    return waiting(status_of(fault, message, {}), RETRY_SECONDS.get(fault.code))


def waiting(status: status_pb2.Status, seconds: float | None) -> status_pb2.Status:
    """Return a status with what is worth waiting before the call is made again, if anything is."""
    if seconds:
        delay = Duration(nanos=round(seconds % 1 * 1e9), seconds=int(seconds))
        status.details.append(packed(error_details_pb2.RetryInfo(retry_delay=delay)))
    return status


def hints(status: status_pb2.Status) -> Sequence[tuple[str, str]]:
    """Return what else is sent with a status: over HTTP a `retry-after`, in whole seconds."""
    retry = error_details_pb2.RetryInfo()
    if not any(detail.Unpack(retry) for detail in status.details):
        return ()
    return [("retry-after", str(math.ceil(retry.retry_delay.ToTimedelta().total_seconds())))]


def identify(status: status_pb2.Status) -> None:
    """Add the id of the call under way to what the `ErrorInfo` of a status tells.

    A peer's status has it already: it is the same.
    """
    known = request_id.get()
    for detail in status.details:
        info = error_details_pb2.ErrorInfo()
        if known and detail.Unpack(info):
            info.metadata[REQUEST_ID] = known
            detail.Pack(info)


def internal() -> status_pb2.Status:
    """Return what a client is told of a mistake of our own: nothing but the id to report."""
    fault = Fault(grpc.StatusCode.INTERNAL, "INTERNAL")
    known = request_id.get()
    return status_of(fault, f"internal error, request_id={known}", {REQUEST_ID: known})


def status_of(fault: Fault, message: str, facts: Mapping[str, str]) -> status_pb2.Status:
    """Return a status with its one `ErrorInfo`."""
    info = error_details_pb2.ErrorInfo(reason=fault.reason, domain=DOMAIN, metadata=dict(facts))
    code: int = fault.code.value[0]
    return status_pb2.Status(code=code, message=message, details=[packed(info)])


def packed(message: Message) -> Any:
    """Return a detail as `Any`."""
    detail = Any()
    detail.Pack(message)
    return detail
