"""The errors that each method can answer: the HTTP status, and the reasons it can have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from openapi.contract import Contract

Json = dict[str, Any]
Reasons = dict[str, tuple[str, ...]]

STATUS = {"$ref": "#/components/schemas/Status"}

CODES = {
    "INVALID_ARGUMENT": ("400", 3),
    "FAILED_PRECONDITION": ("400", 9),
    "UNAUTHENTICATED": ("401", 16),
    "PERMISSION_DENIED": ("403", 7),
    "NOT_FOUND": ("404", 5),
    "ALREADY_EXISTS": ("409", 6),
    "RESOURCE_EXHAUSTED": ("429", 8),
    "INTERNAL": ("500", 13),
    "DATA_LOSS": ("500", 15),
    "UNAVAILABLE": ("503", 14),
    "DEADLINE_EXCEEDED": ("504", 4),
}
"""What the transcoder makes of a status, and its number."""

NUMBERS = {
    "400": 3,
    "401": 16,
    "403": 7,
    "404": 5,
    "408": 4,
    "409": 6,
    "429": 8,
    "431": 3,
    "500": 13,
    "503": 14,
    "504": 4,
}
OTHER_NUMBERS = {"WEBHOOKS_OFF": 9, "TASK_NOT_FINISHED": 9, "TASK_CANCELLED": 9, "DATA_LOSS": 15}

SAID = {
    "400": "The request is malformed, or a value is out of range.",
    "401": "The API key is missing, or not one that is known.",
    "403": "The API key does not allow this method.",
    "404": "There is nothing of this name.",
    "409": "The request is at odds with an earlier one.",
    "408": "The request did not arrive in time.",
    "429": "Too many requests.",
    "431": "The headers are too large, or too many.",
    "500": "The service failed; the request is not to blame.",
    "503": "A part of the service does not answer. Send the request again.",
    "504": "The answer takes longer than the call may.",
}

ANYWHERE: Reasons = {
    "400": ("MALFORMED_REQUEST", "UNKNOWN_OPTION"),
    "401": ("API_KEY_MISSING", "API_KEY_INVALID"),
    "403": ("SCOPE_MISSING",),
    "408": ("REQUEST_TIMEOUT",),
    "429": ("RATE_LIMITED",),
    "431": ("MALFORMED_REQUEST",),
    "500": ("INTERNAL",),
    "503": ("DEPENDENCY_UNAVAILABLE",),
    "504": ("DEADLINE_EXCEEDED",),
}
KEYLESS = frozenset({"GetHealth"})
"""Methods that ask for no key."""

SUBMISSION: Reasons = {
    "400": (
        "TRUNCATED_UPLOAD",
        "MISSING_PART",
        "UNEXPECTED_PART",
        "PART_TOO_LARGE",
        "INVALID_OPTION",
        "NOT_AN_IMAGE",
        "TRUNCATED_IMAGE",
        "TOO_MANY_PIXELS",
        "CORRUPT_IMAGE",
        "UNREADABLE_LANDMARKS",
        "LANDMARK_COUNT",
        "INVALID_LANDMARK",
        "NO_FACE",
        "UNKNOWN_REGION",
        "INVALID_SEGMENTATION_MAP",
    ),
    "429": ("QUOTA_USED_UP", "QUEUE_FULL"),
}
ONE_TASK: Reasons = {"404": ("TASK_NOT_FOUND", "NOT_FOUND")}
ITS_DRAWING: Reasons = {**ONE_TASK, "500": ("DATA_LOSS",)}
A_LIST: Reasons = {"400": ("INVALID_ARGUMENT",)}

OWN: Mapping[str, Reasons] = {
    "SubmitForm": {
        **SUBMISSION,
        "400": (*SUBMISSION["400"], "INVALID_ARGUMENT", "WEBHOOKS_OFF"),
        "409": ("IDEMPOTENCY_KEY_REUSED",),
    },
    "Render": {
        **SUBMISSION,
        "400": (*SUBMISSION["400"], "TASK_FAILED", "TASK_CANCELLED"),
        "500": ("TASK_FAILED", "DATA_LOSS"),
    },
    "FindByDigest": {"400": ("INVALID_ARGUMENT",), "404": ("RESULT_NOT_FOUND", "NOT_FOUND")},
    "GetStatus": {**ITS_DRAWING, "400": ("INVALID_ARGUMENT",)},
    "WatchTask": {**ITS_DRAWING, "400": ("INVALID_ARGUMENT",)},
    "GetSvg": {**ITS_DRAWING, "400": ("TASK_NOT_FINISHED",)},
    "CancelTask": ONE_TASK,
    "DeleteTask": ONE_TASK,
    "ListTasks": A_LIST,
    "ListRecent": A_LIST,
    "GetCacheStats": A_LIST,
}
"""What a method can answer beside what any can."""

WORTH_WAITING = ("429", "503", "504")

RETRY = {
    "retry-after": {
        "description": "Seconds to wait before sending the request again.",
        "schema": {"type": "integer", "minimum": 0},
    }
}


def failures(contract: Contract, method: str) -> Json:
    """Return the error answers of a method, by HTTP status."""
    told = bullets(contract.comments[method])[1]
    return {
        code: failure(contract, code, reasons, told.get(code, ""))
        for code, reasons in sorted(possible(method).items())
    }


def possible(method: str) -> Mapping[str, Sequence[str]]:
    """Return the reasons that a method's errors can have, by HTTP status."""
    anywhere = {
        code: reasons
        for code, reasons in ANYWHERE.items()
        if not (method in KEYLESS and code in ("401", "403"))
    }
    own = OWN.get(method, {})
    return {
        code: (*own.get(code, ()), *anywhere.get(code, ()))
        for code in dict.fromkeys((*anywhere, *own))
    }


def failure(contract: Contract, code: str, reasons: Sequence[str], told: str) -> Json:
    """Return one error answer: what it means, its reasons, and an example of each."""
    lines = [f"* `{name}`: {contract.reasons[name].told}" for name in reasons]
    info = {"required": ["reason"], "properties": {"reason": {"enum": list(reasons)}}}
    narrowed = {"properties": {"details": {"contains": info}}}
    answer: Json = {
        "description": "\n".join((told or SAID[code], "", *lines)),
        "content": {
            "application/json": {
                "schema": {"allOf": [STATUS, narrowed]},
                "examples": {name: {"value": example(contract, code, name)} for name in reasons},
            }
        },
    }
    return {**answer, "headers": RETRY} if code in WORTH_WAITING else answer


def example(contract: Contract, code: str, name: str) -> Json:
    """Return an error as a client gets it."""
    reason = contract.reasons[name]
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": name,
        "domain": "facesvg",
        "metadata": {**reason.metadata, "request_id": "0f8fad5b-d9cb-469f-a165-70867728950e"},
    }
    sentence = re.split(r"(?<=[.:])\s", reason.told, maxsplit=1)[0]
    number = OTHER_NUMBERS.get(name, NUMBERS[code])
    return {"code": number, "message": sentence, "details": [info]}


def bullets(comment: str) -> tuple[str, dict[str, str]]:
    """Return a method's comment without its list of errors, and these by HTTP status."""
    told, *listed = re.split(r"^\* ", comment, flags=re.MULTILINE)
    errors: dict[str, str] = {}
    for bullet in listed:
        code, _, text = bullet.partition(": ")
        at = CODES[code.strip("`")][0]
        errors[at] = f"{errors[at]} {text.strip()}" if at in errors else text.strip()
    return told.strip(), errors


def status() -> Json:
    """Return the schema of every error."""
    info: Json = {
        "type": "object",
        "description": "A `google.rpc.ErrorInfo`, of which there is exactly one; or a "
        "`google.rpc.BadRequest` or `google.rpc.RetryInfo`.",
        "required": ["@type"],
        "properties": {
            "@type": {"type": "string"},
            "reason": {"type": "string", "description": "Why, for programs."},
            "domain": {"type": "string", "const": "facesvg"},
            "metadata": {
                "type": "object",
                "description": "Every value of the message, and the `request_id`.",
                "additionalProperties": {"type": "string"},
            },
        },
    }
    return {
        "type": "object",
        "description": "An error: a `google.rpc.Status` with one `google.rpc.ErrorInfo`.",
        "required": ["code", "message", "details"],
        "properties": {
            "code": {"type": "integer", "format": "int32", "description": "The gRPC status."},
            "message": {"type": "string", "description": "One sentence for a person."},
            "details": {"type": "array", "items": info},
        },
    }
