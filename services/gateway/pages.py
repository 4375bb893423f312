"""Answers that are documents of their own: drawings, a bare JSON array, metrics."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from google.api.httpbody_pb2 import HttpBody
from google.protobuf import json_format

from services.gateway import exposition

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from facesvg.v1 import task_pb2
    from services.gateway.drawings import Svg

SVG = "image/svg+xml"

# An SVG can hold scripts. Ours hold none, and no browser shall run any from here.
POLICY = "default-src 'none'; img-src data:"


def svg_headers(svg: Svg, task_id: str) -> Sequence[tuple[str, str]]:
    """Return the HTTP headers of a drawing: a client can tell a whole one from one cut off."""
    return (
        ("etag", f'"{svg.sha256.hex()}"'),
        ("x-size-bytes", str(svg.size_bytes)),
        ("x-task-id", task_id),
        # A face: kept by nobody on the way, and asked for again once the task may be erased.
        ("cache-control", "private, no-cache"),
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
    )


async def svg_pieces(svg: Svg) -> AsyncIterator[HttpBody]:
    """Yield a drawing; only the first piece has the content type."""
    content_type = SVG
    async for data in svg.pieces:
        yield HttpBody(content_type=content_type, data=data)
        content_type = ""
    if content_type:
        yield HttpBody(content_type=content_type)


def task_list(tasks: Iterable[task_pb2.TaskSummary]) -> HttpBody:
    """Return tasks as a JSON array, as the transcoder would write them."""
    rows = [task_row(task) for task in tasks]
    return HttpBody(content_type="application/json", data=json.dumps(rows).encode())


def task_row(task: task_pb2.TaskSummary) -> Mapping[str, Any]:
    """Return one task's members, zeros included, in the contract's order."""
    row = json_format.MessageToDict(
        task, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return {name: row[name] for name in task.DESCRIPTOR.fields_by_name if name in row}


def metrics(page: bytes) -> HttpBody:
    """Return a page of metrics."""
    return HttpBody(content_type=exposition.CONTENT_TYPE, data=page)
