"""From what gRPC raises, or a task tells, to an error of the client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.rpc import error_details_pb2, status_pb2

from facesvg_client import errors

if TYPE_CHECKING:
    from facesvg_client.errors import FacesvgError
    from facesvg_client.nouns import TaskError

DETAILS_KEY = "grpc-status-details-bin"


def error_of(failure: Any) -> FacesvgError:
    """Return what an `RpcError`, of either kind of channel, means."""
    info, bad, retry = (
        error_details_pb2.ErrorInfo(),
        error_details_pb2.BadRequest(),
        error_details_pb2.RetryInfo(),
    )
    found = {type(kind) for kind in (info, bad, retry) for d in details(failure) if d.Unpack(kind)}
    code = failure.code().name
    message = failure.details() or code.replace("_", " ").lower()
    return errors.class_of(info.reason, code)(
        message if info.reason else unreasoned(code, message),
        reason=info.reason,
        code=code,
        metadata=info.metadata,
        violations={violation.field: violation.description for violation in bad.field_violations},
        retry_after=retry.retry_delay.ToTimedelta().total_seconds()
        if type(retry) in found
        else None,
    )


def unreasoned(code: str, message: str) -> str:
    """Return what to say where the service said nothing itself."""
    if code == "UNAVAILABLE":
        return f"nobody answers there ({message})"
    if code == "DEADLINE_EXCEEDED":
        return "there was no answer in the time allowed; a task that was submitted goes on"
    return message


def details(failure: Any) -> list[Any]:
    """Return the details of the status that the trailers carry, if they carry one."""
    raw = next((v for key, v in failure.trailing_metadata() or () if key == DETAILS_KEY), b"")
    return list(status_pb2.Status.FromString(raw).details)


def task_failed(task_id: str, error: TaskError) -> FacesvgError:
    """Return what to raise for a task that is a failure."""
    kind = errors.REASONS.get(error.type, errors.DrawingFailed)
    return kind(error.message, reason=error.type, metadata={"task_id": task_id})
