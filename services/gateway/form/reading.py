"""Reads the body of one request, whichever of the two kinds it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import multipart  # type: ignore[import-untyped]

from services.gateway.form.collection import Collection
from services.gateway.form.errors import MalformedRequest
from services.gateway.form.json_object import JsonReader
from services.gateway.form.multipart import MultipartReader
from services.runtime.spool import sha256
from services.runtime.upload_errors import PartTooLarge, TruncatedUpload

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from services.gateway.form.collection import Limits
    from services.runtime.spool import Digester, Spool

SHOWN = 128
"""Characters of a wrong content type that an error repeats."""


class Body(Protocol):
    """A piece of a body; only the first has the content type."""

    content_type: str
    data: bytes


class Reader(Protocol):
    """Takes a body piece by piece."""

    def feed(self, data: bytes) -> None:
        """Take the next piece."""

    def finish(self) -> None:
        """Raise `TruncatedUpload` unless the body is whole."""


@dataclass(frozen=True)
class Form:
    """A whole body: its options as written, and its parts by number. Whoever gets one closes it."""

    options: Sequence[tuple[str, Any]]
    parts: Mapping[int, Spool]


async def receive(
    bodies: AsyncIterator[Body],
    limits: Limits,
    known: Sequence[str],
    *,
    length: int | None,
    digest_of: Digester = sha256,
) -> Form:
    """Return what a stream of pieces holds.

    `known` are the names of options, `length` is the body's length where it was declared, and
    `digest_of` tells the SHA-256 of parts in memory. A client that went away ends its stream as one
    that is done: nothing is returned unless the body has its closing mark and its length. Raises
    for the first thing that is wrong, and keeps nothing then.
    """
    collection = Collection(limits, known, digest_of)
    reader: Reader | None = None
    found = 0
    try:
        async for body in bodies:
            reader = reader or reader_for(body.content_type, collection)
            data = body.data  # protobuf copies it on every look
            found += len(data)
            fit(max(found, length or 0), limits.body)
            reader.feed(data)
        if reader is None:
            raise TruncatedUpload("the request ended before its body; send it again")
        agree(found, length)
        reader.finish()
    except BaseException:
        collection.close()
        raise
    return Form(collection.options, collection.parts)


def reader_for(content_type: str, collection: Collection) -> Reader:
    """Return a reader of such bodies."""
    kind, parameters = multipart.parse_options_header(content_type)
    if kind == "multipart/form-data":
        return MultipartReader(parameters.get("boundary", ""), collection)
    if kind == "application/json":
        return JsonReader(collection)
    shown = content_type[:SHOWN]
    raise MalformedRequest(
        f"the content type is {shown!r}; expected multipart/form-data or application/json",
        content_type=shown,
    )


def fit(size: int, limit: int) -> None:
    """Raise `PartTooLarge` for a body that no parts can fill, as soon as that is known."""
    if size > limit:
        raise PartTooLarge(
            f"the body is larger than the {limit} bytes accepted", part="body", limit_bytes=limit
        )


def agree(found: int, length: int | None) -> None:
    """Raise `TruncatedUpload` unless the body has its declared length."""
    if length is not None and found != length:
        raise TruncatedUpload(
            f"the body was declared as {length} bytes, {found} came; send it again",
            expected=length,
            found=found,
        )
