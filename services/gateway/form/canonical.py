"""One form for parts that are JSON, so that the same values have the same digest on any transport.

A native client sends its file as it is, a JSON body has been through its writer's formatting, a
browser's through another. Text that has no one meaning (a duplicate member, NaN) stays as it is:
the processor refuses it and says where.
"""

from __future__ import annotations

import hashlib
import io
import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import BinaryIO

    from services.gateway.form.digests import Digests
    from services.runtime.spool import Spool

MAX_JSON_BYTES = 1024 * 1024
"""The most that is parsed: any landmarks, and any segmentation map that is JSON."""


class CanonicalPart:
    """A part whose digest and bytes are those of its one form, where it is JSON.

    The digest alone answers a submission from the cache: only a miss needs the bytes.
    """

    def __init__(self, spool: Spool, digests: Digests) -> None:
        self._spool = spool
        self._digests = digests

    @property
    def digest(self) -> bytes:
        """The SHA-256 of the canonical bytes."""
        known = self._digests.get(self._spool.digest)
        if known is None:
            known = hashlib.sha256(self._text).digest()
            self._digests.put(self._spool.digest, known)
        return known

    @property
    def size(self) -> int:
        """Length of the canonical bytes."""
        return len(self._text)

    @property
    def file(self) -> BinaryIO:
        """The canonical bytes, to be read from the start."""
        return io.BytesIO(self._text)

    @cached_property
    def _text(self) -> bytes:
        return compact(self._spool.read())


def canonical(spool: Spool, digests: Digests) -> CanonicalPart | Spool:
    """Return a part in its one form; what can be no JSON is returned as it is."""
    if spool.size > MAX_JSON_BYTES or not is_container(spool.file.read(64)):
        return spool
    return CanonicalPart(spool, digests)


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
    return text.encode() if len(text) <= MAX_JSON_BYTES else raw


def unique(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; raises `ValueError` when a name comes twice."""
    result = dict(members)
    if len(result) != len(members):
        raise ValueError("a member comes twice")
    return result


def refused(constant: str) -> None:
    """Refuse NaN and infinities, which JSON has not."""
    raise ValueError(constant)
