"""Answers that are documents of their own."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from facesvg.v1 import task_pb2
from services.gateway import pages
from services.gateway.drawings import Svg

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from google.api.httpbody_pb2 import HttpBody


def svg(*pieces: bytes) -> Svg:
    async def stream() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    return Svg(sum(map(len, pieces)), bytes.fromhex("ab" * 32), stream())


def sent(drawing: Svg) -> list[HttpBody]:
    async def collect() -> list[HttpBody]:
        return [piece async for piece in pages.svg_pieces(drawing)]

    return asyncio.run(collect())


def test_only_the_first_piece_has_the_content_type() -> None:
    bodies = sent(svg(b"<s", b"vg", b"/>"))

    assert [body.content_type for body in bodies] == ["image/svg+xml", "", ""]
    assert b"".join(body.data for body in bodies) == b"<svg/>"


def test_an_empty_drawing_has_its_content_type_too() -> None:
    assert [body.content_type for body in sent(svg())] == ["image/svg+xml"]


def test_the_headers_tell_a_whole_drawing_from_a_cut_one_and_run_no_scripts() -> None:
    headers = dict(pages.svg_headers(svg(b"<svg/>"), "t"))

    assert headers["etag"] == f'"{"ab" * 32}"'
    assert headers["x-size-bytes"] == "6"
    assert headers["x-task-id"] == "t"
    assert "script" not in headers["content-security-policy"]
    assert "unsafe-inline" not in headers["content-security-policy"]
    assert headers["content-security-policy"].startswith("default-src 'none'")


def test_rows_have_every_member_in_the_contracts_order() -> None:
    row = task_pb2.TaskSummary(task_id="t", error_type="NO_FACE")

    [found] = json.loads(pages.task_list([row]).data)

    assert list(found) == [
        "task_id",
        "status",
        "input_hash",
        "processing_time_ms",
        "cache_hits",
        "regions_detected",
        "error_type",
    ]
    assert found["cache_hits"] == 0
