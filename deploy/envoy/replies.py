"""What the door answers by itself: a `google.rpc.Status` with one `ErrorInfo` for each status."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2

from deploy.envoy.verbs import verbs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.protobuf.message import Message

Filter: TypeAlias = dict[str, Any]

NOT_FOUND, UNIMPLEMENTED = 5, 12
NO_SUCH_METHOD = 404
"""What Envoy answers to a path or a verb that no method has; it does not tell the two apart."""

DOMAIN = "facesvg"
SAID = "%LOCAL_REPLY_BODY%"
"""Envoy's own words; kept only where they name what is wrong with the request."""


UNHEARD = (
    "the request is not valid HTTP, or has an escaped slash in its path, an underscore in the name "
    "of a header, or a verb that is none or lacks its content type"
)


@dataclass(frozen=True)
class Reply:
    """The answer to one HTTP status: a gRPC code, an `ErrorReason`, a sentence."""

    status: int
    code: int
    reason: str
    message: str
    native: str = ""
    """The sentence over gRPC, where `message` has words of Envoy's: both copies must agree."""
    retry_seconds: int = 0
    """What is worth waiting before the request is sent again; 0 where waiting does not help."""

    @property
    def native_code(self) -> int:
        """What gRPC calls it: an unknown path is a method that is not there."""
        return UNIMPLEMENTED if self.code == NOT_FOUND else self.code


REPLIES = (
    Reply(
        400,
        3,
        "MALFORMED_REQUEST",
        f"the request cannot be read: {SAID}",
        "the request cannot be read",
    ),
    Reply(404, 5, "NOT_FOUND", "no method has this path and verb; /docs lists them"),
    Reply(408, 4, "REQUEST_TIMEOUT", "the request came too slowly; send it again"),
    Reply(413, 3, "MALFORMED_REQUEST", "the request is larger than this method accepts"),
    Reply(415, 3, "MALFORMED_REQUEST", "this method does not accept the content type"),
    Reply(426, 3, "MALFORMED_REQUEST", "send the request as HTTP/1.1 or HTTP/2"),
    Reply(
        429, 8, "RATE_LIMITED", "too many requests in a short time; wait a second", retry_seconds=1
    ),
    Reply(431, 3, "MALFORMED_REQUEST", "the request's headers are too large or too many"),
    Reply(
        501, 3, "MALFORMED_REQUEST", "send the body as it is, or in chunks; nothing else is known"
    ),
    Reply(
        502,
        14,
        "DEPENDENCY_UNAVAILABLE",
        "the gateway does not answer; send it again",
        retry_seconds=1,
    ),
    Reply(
        503,
        14,
        "DEPENDENCY_UNAVAILABLE",
        "the gateway does not answer; send it again",
        retry_seconds=1,
    ),
    Reply(504, 4, "DEADLINE_EXCEEDED", "the call took longer than its deadline", retry_seconds=5),
)
OTHER = (
    Reply(500, 13, "INTERNAL", "internal error, request_id=%REQ(X-REQUEST-ID)%", "internal error"),
    Reply(
        400,
        3,
        "MALFORMED_REQUEST",
        f"the request cannot be served: {SAID}",
        "the request cannot be served",
    ),
)
"""Any other status from this one upwards; the first that fits."""


UNNUMBERED = Reply(400, 3, "MALFORMED_REQUEST", UNHEARD)
"""What Envoy refuses before it gives a request its id."""


def mappers() -> list[dict[str, Any]]:
    """Return the mappers of Envoy's `local_reply_config`; the first that fits answers."""
    exact = [(reply, "EQ") for reply in REPLIES]
    ranges = [(reply, "GE") for reply in OTHER]
    return [
        mapper(UNNUMBERED, "EQ", [lacks("x-request-id")]),
        *(mapper(reply, op, native_grpc(), as_json=False) for reply, op in exact + ranges),
        *(wrong_verb(path, allowed) for path, allowed in verbs().items()),
        *(mapper(reply, op) for reply, op in exact + ranges),
    ]


def wrong_verb(path: str, allowed: Sequence[str]) -> dict[str, Any]:
    """Return the mapper for a path that there is, asked with a verb that it does not have."""
    told = " and ".join(allowed)
    reply = Reply(405, UNIMPLEMENTED, "NOT_FOUND", f"this path takes {told}; /docs lists all")
    at = {"name": ":path", "string_match": {"safe_regex": {"regex": path}}}
    found = mapper(reply, "EQ", [{"header_filter": {"header": at}}], status=NO_SUCH_METHOD)
    found["headers_to_add"].append(header("allow", ", ".join(allowed)))
    return {**found, "status_code": reply.status}


def mapper(
    reply: Reply,
    operator: str,
    more: Sequence[Filter] = (),
    *,
    as_json: bool = True,
    status: int = 0,
) -> dict[str, Any]:
    """Return one mapper: JSON, or the sentence as the message of a gRPC status with details.

    `status` is what Envoy would answer by itself, where that is another than the reply's.
    """
    headers = {"x-content-type-options": "nosniff"}
    if reply.retry_seconds:
        headers["retry-after"] = str(reply.retry_seconds)
    if not as_json:
        headers["grpc-status"] = str(reply.native_code)
        headers["grpc-status-details-bin"] = as_details(reply)
    filters = [status_is(operator, status or reply.status), *more]
    return {
        "filter": {"and_filter": {"filters": filters}} if more else filters[0],
        "body_format_override": {"json_format": as_status(reply)}
        if as_json
        else {"text_format_source": {"inline_string": reply.native or reply.message}},
        "headers_to_add": [header(key, value) for key, value in headers.items()],
    }


def header(key: str, value: str) -> dict[str, Any]:
    """Return a header of an answer, in place of any other of its name."""
    return {
        "header": {"key": key, "value": value},
        "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
    }


def as_status(reply: Reply) -> dict[str, Any]:
    """Return the JSON that a REST client gets."""
    info: dict[str, Any] = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reply.reason,
        "domain": DOMAIN,
    }
    if reply is not UNNUMBERED:
        info["metadata"] = {"request_id": "%REQ(X-REQUEST-ID)%"}
    details = [info]
    if reply.retry_seconds:
        delay = f"{reply.retry_seconds}s"
        details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retry_delay": delay})
    return {"code": reply.code, "message": reply.message, "details": details}


def as_details(reply: Reply) -> str:
    """Return what a native client gets beside code and message: the same status, packed."""
    details: list[Message] = [error_details_pb2.ErrorInfo(reason=reply.reason, domain=DOMAIN)]
    if reply.retry_seconds:
        delay = Duration(seconds=reply.retry_seconds)
        details.append(error_details_pb2.RetryInfo(retry_delay=delay))
    message = reply.native or reply.message
    status = status_pb2.Status(code=reply.native_code, message=message)
    for detail in details:
        status.details.add().Pack(detail)
    return base64.b64encode(status.SerializeToString(deterministic=True)).decode()


def status_is(operator: str, status: int) -> Filter:
    """Return the filter for one status, or for it and all above."""
    # Envoy wants a runtime key; none of this name is ever set.
    value = {"default_value": status, "runtime_key": "facesvg.none"}
    return {"status_code_filter": {"comparison": {"op": operator, "value": value}}}


def native_grpc() -> list[Filter]:
    """Return the filters for a request that came as gRPC: a transcoded one looks like it."""
    grpc = {"name": "content-type", "string_match": {"prefix": "application/grpc"}}
    return [{"header_filter": {"header": grpc}}, lacks("x-envoy-original-path")]


def lacks(header: str) -> Filter:
    """Return the filter for requests without a header."""
    return {"header_filter": {"header": {"name": header, "present_match": False}}}
