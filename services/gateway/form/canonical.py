"""One form for parts that are JSON, so that the same values have the same digest on any transport.

A native client sends its file as it is, a JSON body has been through its writer's formatting, a
browser's through another. Text that has no one meaning (a duplicate member, NaN) stays as it is:
the processor refuses it and says where.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from facesvg.v1 import upload_pb2
from services.runtime.uploads import Spool

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_JSON_BYTES = 1024 * 1024
"""The most that is parsed: any landmarks, and any segmentation map that is JSON."""


def canonical(parts: Mapping[int, Spool]) -> dict[int, Spool]:
    """Return the parts with JSON rewritten; a part that is replaced is closed."""
    return {
        number: spool if number == upload_pb2.PART_IMAGE else rewritten(spool)
        for number, spool in parts.items()
    }


def rewritten(spool: Spool) -> Spool:
    """Return a part as compact JSON with sorted names, or as it is when it is no JSON."""
    if spool.size > MAX_JSON_BYTES or not is_container(spool.file.read(64)):
        return spool
    raw = spool.read()
    text = compact(raw)
    if text == raw or len(text) > MAX_JSON_BYTES:
        return spool
    result = Spool(spool.name, len(text))
    result.write(text)
    spool.close()
    return result


def is_container(head: bytes) -> bool:
    """Return whether a text may be a JSON array or object.

    >>> is_container(b"  [[0.5, 0.5]]"), is_container(b"version: 1")
    (True, False)
    """
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"[", b"{"}


def compact(raw: bytes) -> bytes:
    """Return JSON in its one form; anything else as it is.

    >>> compact(b'{"b": [1.50, 2], "a": null}')
    b'{"a":null,"b":[1.5,2]}'
    >>> compact(b'{"a": NaN}'), compact(b'{"a": 1, "a": 2}')
    (b'{"a": NaN}', b'{"a": 1, "a": 2}')
    """
    try:
        value = json.loads(raw, object_pairs_hook=unique, parse_constant=refused)
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (ValueError, RecursionError):
        return raw
    return text.encode()


def unique(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; raises `ValueError` when a name comes twice."""
    result = dict(members)
    if len(result) != len(members):
        raise ValueError("a member comes twice")
    return result


def refused(constant: str) -> None:
    """Refuse NaN and infinities, which JSON has not."""
    raise ValueError(constant)
