"""`application/json`, read as it streams: a photo of 25 MB in base64 stays out of memory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from services.gateway.form.base64_text import Base64Text
from services.gateway.form.collection import OPTION_BYTES, PARTS
from services.gateway.form.errors import MalformedRequest
from services.gateway.form.members import Members
from services.runtime.upload_errors import PartTooLarge, TruncatedUpload

if TYPE_CHECKING:
    from collections.abc import Generator

    from services.gateway.form.collection import Collection
    from services.gateway.form.members import Waiting

MAX_NAME = 256
KINDS = {b'"': "text", b"[": "an array", b"{": "an object", b"t": "true", b"f": "false"}


class JsonReader:
    """Fills a collection with the members of a JSON object. A member that is null is absent."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._members = Members()
        self._names: set[str] = set()
        self._is_complete = False
        self._read: Generator[None, bytes, None] = self._object()
        next(self._read)

    def feed(self, data: bytes) -> None:
        """Take the next piece of the body."""
        if data:
            self._read.send(data)

    def finish(self) -> None:
        """Raise `TruncatedUpload` unless the object is whole."""
        if not self._is_complete:
            raise TruncatedUpload("the JSON ended before its end; send it again")

    def _object(self) -> Waiting[None]:
        yield from self._members.open()
        while (yield from self._members.has_next()):
            name = yield from self._name()
            yield from self._members.colon()
            yield from self._member(name)
        self._is_complete = True
        yield from self._members.end()

    def _name(self) -> Waiting[str]:
        name = decoded((yield from self._whole("a member's name", MAX_NAME)))
        if name in self._names:
            shown = ascii(name)
            raise MalformedRequest(f"member {shown} comes twice in the JSON", member=shown)
        self._names.add(name)
        return str(name)

    def _member(self, name: str) -> Waiting[None]:
        kind = yield from self._members.peek()
        if kind == b"n":
            yield from self._null(name)
        elif name == "landmarks":
            yield from self._landmarks(name, kind)
        elif name == "image" or (name == "segmentation_map" and kind != b"{"):
            yield from self._file(name, kind)
        elif name == "segmentation_map":
            yield from self._members.value(self._collection.begin_part(name).write)
        else:
            yield from self._option(name)

    def _null(self, name: str) -> Waiting[None]:
        if name not in PARTS:
            self._collection.check_option(name)
        decoded((yield from self._whole(name, OPTION_BYTES)))

    def _landmarks(self, name: str, kind: bytes) -> Waiting[None]:
        spool = self._collection.begin_part(name)
        if kind == b'"':
            # One of the text formats, in a string.
            yield from self._members.string(spool.write, unescaped)
        elif kind in b"[{":
            yield from self._members.value(spool.write)
        else:
            raise of_kind(name, kind, "an array, an object or text")

    def _file(self, name: str, kind: bytes) -> Waiting[None]:
        if kind != b'"':
            raise of_kind(name, kind, "base64 or a data: URL")
        text = Base64Text(name, self._collection.begin_part(name).write)
        yield from self._members.string(text.feed, unescaped)
        text.finish()

    def _option(self, name: str) -> Waiting[None]:
        self._collection.check_option(name)
        value = decoded((yield from self._whole(name, OPTION_BYTES)))
        self._collection.add_option(name, value)

    def _whole(self, name: str, limit: int) -> Waiting[bytes]:
        """Return a short value's text."""
        text = bytearray()

        def write(piece: bytes) -> None:
            text.extend(piece)
            if len(text) > limit:
                raise PartTooLarge(
                    f"{name} is larger than the {limit} bytes accepted",
                    part=name,
                    limit_bytes=limit,
                )

        yield from self._members.value(write)
        return bytes(text)


def unescaped(escape: bytes) -> bytes:
    r"""Return the text that an escape stands for.

    >>> unescaped(rb"\/"), unescaped(rb"\u002b")
    (b'/', b'+')
    """
    if escape == b"\\/":  # the one that photos are full of
        return b"/"
    return str(decoded(b'"' + escape + b'"')).encode(errors="replace")


def decoded(text: bytes) -> Any:
    """Return what a value's JSON text means; raises `MalformedRequest`."""
    try:
        return json.loads(text.decode(), parse_constant=refused)
    except UnicodeDecodeError:
        raise malformed("UTF-8", text) from None
    except ValueError:
        raise malformed("a value", text) from None


def refused(constant: str) -> None:
    """Refuse NaN and infinities, which JSON has not."""
    raise ValueError(constant)


def of_kind(name: str, kind: bytes, expected: str) -> MalformedRequest:
    """Return what to raise for a member of the wrong kind."""
    found = KINDS.get(kind, "a number")
    return MalformedRequest(
        f"{name} is {found}; expected {expected}", part=name, found=found, expected=expected
    )


def malformed(expected: str, found: bytes) -> MalformedRequest:
    """Return what to raise for text that is no JSON."""
    shown = ascii(found[:64].decode("latin-1"))
    return MalformedRequest(
        f"the JSON cannot be read: expected {expected}, found {shown}",
        content_type="application/json",
        expected=expected,
        found=shown,
    )
