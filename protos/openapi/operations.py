"""One method as an operation of the REST interface."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from openapi import forms, samples, webhook
from openapi.contract import PACKAGE
from openapi.failures import KEYLESS, bullets, failures
from openapi.links import links

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openapi.contract import Contract
    from openapi.schemas import Schemas

Json = dict[str, Any]

OURS = ("tenant", "with_result")
"""Fields that the gateway fills in itself."""

FORMS = frozenset({"SubmitForm", "Render"})
ADMINS = frozenset({"GetCacheStats", "CleanupCache", "GetDatabaseHealth", "GetSuiteMetrics"})
"""Methods for keys with the scope `admin`."""

TAGS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "Drawing": (
        "A photo becomes an SVG.",
        ("SubmitForm", "Render", "FindByDigest", "ListRegions"),
    ),
    "Tasks": (
        "What became of a submission.",
        ("GetStatus", "WatchTask", "GetSvg", "CancelTask", "DeleteTask", "ListTasks"),
    ),
    "Cache": (
        "What the cache did, and cleaning it up.",
        ("GetCacheStats", "ListRecent", "CleanupCache"),
    ),
    "Suite": (
        "How the service is.",
        ("GetHealth", "GetDatabaseHealth", "GetSuiteMetrics"),
    ),
}

TEXT: Json = {"type": "string"}
SVG_HEADERS: Json = {
    "etag": {"description": "The SHA-256 of the drawing, in quotes.", "schema": TEXT},
    "x-size-bytes": {
        "description": "The length of the whole drawing, to tell one that was cut off.",
        "schema": TEXT,
    },
    "x-task-id": {"description": "The task that it is the drawing of.", "schema": TEXT},
}
CACHE_HEADER: Json = {
    "x-cache": {
        "description": "Whether the drawing came from the cache.",
        "schema": {"type": "string", "enum": ["hit", "similar", "miss"]},
    }
}
REPEAT_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "What you call this submission. The same key with the same inputs and options "
    "is answered with the same task, for 24 hours or until the task is erased; with others, 409.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}
PATTERNS: Mapping[str, Json] = {
    "read_mask": {"examples": ["task_id,status,input_hash,result.svg"]},  # the links need the ids
    "input_hash": {"pattern": "^[0-9a-fA-F]{64}$", "examples": [samples.HASH]},
    "task_id": {"format": "uuid", "examples": [samples.TASK_ID]},
}


def operation(contract: Contract, schemas: Schemas, method: Any, path: str) -> Json:
    """Return the description of one method."""
    told, _ = bullets(contract.comments[method.name])
    if method.name in ADMINS:
        told += "\n\nWhere keys are asked for, this needs one with the scope `admin`."
    described: Json = {
        "operationId": method.name,
        "summary": summary(told),
        "description": told,
        "tags": [tag for tag, (_, names) in TAGS.items() if method.name in names],
    }
    if method.name in KEYLESS:
        described["security"] = []
    if method.name in FORMS:
        described["parameters"] = [forms.parameter(contract, schemas)]
        if method.name == "SubmitForm":
            described["parameters"].append(REPEAT_KEY)
            described["callbacks"] = webhook.callbacks(contract, schemas)
        described["requestBody"] = forms.body(contract, schemas)
    else:
        described["parameters"] = parameters(contract, schemas, method, path)
    following = links(method.name)
    described["responses"] = {
        "200": answer(contract, schemas, method) | ({"links": following} if following else {}),
        **failures(contract, method.name),
    }
    return described


def summary(told: str) -> str:
    """Return the first sentence, as a heading.

    >>> summary("Returns a `Task` as it is. It may change.")
    'Returns a Task as it is'
    """
    return re.split(r"\.(?:\s|$)", told, maxsplit=1)[0].replace("`", "")


def parameters(contract: Contract, schemas: Schemas, method: Any, path: str) -> list[Json]:
    """Return what a path and a query can have."""
    found = []
    for field in contract.messages[method.input_type].field:
        if field.name in OURS:
            continue
        schema = schemas.field(method.input_type, field) | PATTERNS.get(field.name, {})
        is_inside = f"{{{field.name}}}" in path
        told = schema.pop("description")
        found.append(
            {
                "name": field.name,
                "in": "path" if is_inside else "query",
                "required": is_inside,
                "description": told,
                "schema": schema,
            }
        )
    return found


def answer(contract: Contract, schemas: Schemas, method: Any) -> Json:
    """Return what a method answers when all is well."""
    if method.name in ("Render", "GetSvg"):
        headers = SVG_HEADERS | (CACHE_HEADER if method.name == "Render" else {})
        told: Json = {"description": "The drawing.", "headers": headers}
        drawing = {"schema": TEXT, "examples": {"svg": {"value": samples.SVG}}}
        return {**told, "content": {"image/svg+xml": drawing}}
    if method.name == "GetSuiteMetrics":
        content: Json = {"text/plain": {"schema": TEXT, "example": samples.METRICS}}
        return {"description": "Metrics in Prometheus' text format.", "content": content}
    if method.name == "ListRecent":
        rows = {"type": "array", "items": schemas.message("TaskSummary")}
        content = {"application/json": {"schema": rows, "example": [samples.SUMMARY]}}
        return {"description": "The newest tasks.", "content": content}
    name = method.output_type.removeprefix(PACKAGE)
    schema, example = schemas.message(name), samples.ANSWERS.get(name, {})
    told = {"description": contract.comments[method.output_type] or "The answer."}
    if method.server_streaming:
        content = {"text/event-stream": {"schema": event(schema), "example": samples.EVENT}}
        return {**told, "content": content}
    return {**told, "content": {"application/json": {"schema": schema, "example": example}}}


def event(record: Json) -> Json:
    """Return the schema of each event of a stream of records."""
    data = {**TEXT, "contentMediaType": "application/json", "contentSchema": record}
    return {
        "type": "object",
        "description": "One event; its `data` is a record as JSON.",
        "required": ["data"],
        "properties": {"data": data},
    }
