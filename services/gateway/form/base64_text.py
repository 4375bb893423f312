"""Base64 text, decoded as it streams."""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING

from services.gateway.form.errors import MalformedRequest

if TYPE_CHECKING:
    from collections.abc import Callable

SPACE = b" \t\r\n"
URL_SAFE = bytes.maketrans(b"-_", b"+/")
SCHEME = b"data:"
MAX_MEDIA_TYPE = 256
GROUP = 4
"""Characters that stand for three bytes."""


class Base64Text:
    """Decodes base64, bare or in a `data:` URL, and hands the bytes to `write`.

    Both alphabets are understood; padding may be left out; white space is skipped, since command
    lines wrap.
    """

    def __init__(self, name: str, write: Callable[[bytes], None]) -> None:
        self._name = name
        self._write = write
        self._head: bytes | None = b""
        self._rest = b""
        self._is_padded = False

    def feed(self, text: bytes) -> None:
        """Take the next piece of the text."""
        text = text.translate(URL_SAFE if self._head is None else None, SPACE)
        if self._head is None:
            self._decode(text)
            return
        self._head += text
        if len(self._head) >= len(SCHEME) or not SCHEME.startswith(self._head):
            self._leave_head(self._head)

    def finish(self) -> None:
        """Decode what is left; raises `MalformedRequest` when that is half a byte."""
        if self._head is not None:
            if self._head.startswith(SCHEME):
                raise self._wrong("its data: URL has no comma")
            self._leave_head(self._head)
        if self._rest:
            if self._is_padded or len(self._rest) % GROUP == 1:
                raise self._wrong("it ends in the middle of a byte")
            self._write(self._decoded(self._rest + b"=" * (-len(self._rest) % GROUP)))

    def _leave_head(self, head: bytes) -> None:
        if head.startswith(SCHEME):
            media_type, comma, head = head.partition(b",")
            if not comma:
                if len(media_type) > MAX_MEDIA_TYPE:
                    raise self._wrong("its data: URL has no comma")
                return
            if not media_type.lower().endswith(b";base64"):
                raise self._wrong("its data: URL is not ;base64")
        self._head = None
        self._decode(head.translate(URL_SAFE))

    def _decode(self, text: bytes) -> None:
        """Decode the whole groups of `text`, and keep the rest."""
        if not text:
            return
        if self._is_padded and not self._rest:
            raise self._wrong("it goes on after its padding")
        text = self._rest + text
        if self._is_padded or b"=" in text:
            self._end(text)
            return
        whole = len(text) - len(text) % GROUP
        self._rest = text[whole:]
        if whole:
            self._write(self._decoded(text[:whole]))

    def _end(self, text: bytes) -> None:
        """Decode a text that ends in padding once the last group is whole."""
        self._is_padded = True
        data = text.rstrip(b"=")
        missing = -len(data) % GROUP
        if len(data) % GROUP == 1 or b"=" in data or len(text) - len(data) > missing:
            raise self._wrong("its padding is wrong")
        if len(text) - len(data) < missing:
            self._rest = text
            return
        self._rest = b""
        self._write(self._decoded(text))

    def _decoded(self, text: bytes) -> bytes:
        try:
            return binascii.a2b_base64(text, strict_mode=True)
        except binascii.Error:
            raise self._wrong("it has characters that base64 has not") from None

    def _wrong(self, reason: str) -> MalformedRequest:
        return MalformedRequest(
            f"{self._name} is not base64: {reason}", part=self._name, detail=reason
        )
