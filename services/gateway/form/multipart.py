"""`multipart/form-data`, read as it streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

import multipart  # type: ignore[import-untyped]

from services.gateway.form.collection import OPTION_BYTES, PARTS
from services.gateway.form.errors import MalformedRequest
from services.runtime.upload_errors import PartTooLarge, TruncatedUpload, UnexpectedPart

if TYPE_CHECKING:
    from services.gateway.form.collection import Collection
    from services.runtime.spool import Spool

MAX_PARTS = 32
"""Three files and every option, with room for a few more."""

MAX_HEADER_BYTES = 8 * 1024
NAME = 64
"""Characters of a wrong name that an error repeats."""


class MultipartReader:
    """Fills a collection with the parts of a form.

    The form is whole only with its closing boundary; what follows it is ignored, as RFC 2046 asks.
    """

    def __init__(self, boundary: str, collection: Collection) -> None:
        if not boundary:
            raise MalformedRequest(
                "the content type multipart/form-data has no boundary; let the client write it",
                content_type="multipart/form-data",
            )
        self._collection = collection
        self._boundary = boundary
        try:
            self._parser = multipart.PushMultipartParser(
                boundary,
                max_header_size=MAX_HEADER_BYTES,
                max_segment_count=MAX_PARTS,
                strict=True,
            )
        except multipart.MultipartError as error:
            raise self._malformed(str(error)) from None
        self._segment: multipart.MultipartSegment | None = None
        self._part: Spool | None = None
        self._text = bytearray()

    def feed(self, data: bytes) -> None:
        """Take the next piece of the body."""
        if not data or self._parser.closed:
            return
        try:
            for event in self._parser.parse(data):
                if event is None:
                    self._end()
                elif isinstance(event, multipart.MultipartSegment):
                    self._begin(event)
                else:
                    self._take(event)
        except multipart.MultipartError as error:
            if not self._is_complete():
                raise self._malformed(str(error)) from None

    def finish(self) -> None:
        """Raise `TruncatedUpload` unless the closing boundary has come."""
        if not self._is_complete():
            closing = f"--{self._boundary}--"
            raise TruncatedUpload(
                f"the form ended without its closing boundary {closing}; send it again",
                boundary=closing,
            )

    def _begin(self, segment: multipart.MultipartSegment) -> None:
        self._segment = segment
        self._text.clear()
        if segment.name in PARTS:
            self._part = self._collection.begin_part(segment.name)
            return
        self._part = None
        name = segment.name or ""
        if segment.filename is not None:
            raise UnexpectedPart(
                f"there is no file {name[:NAME]!r}; there are {', '.join(PARTS)}", part=name[:NAME]
            )
        self._collection.check_option(name)

    def _take(self, data: bytes) -> None:
        if self._part is not None:
            self._part.write(data)
            return
        self._text += data
        if len(self._text) > OPTION_BYTES:
            name = self._name()
            raise PartTooLarge(
                f"{name} is larger than the {OPTION_BYTES} bytes accepted of an option",
                part=name,
                limit_bytes=OPTION_BYTES,
            )

    def _end(self) -> None:
        if self._part is None:
            self._collection.add_option(self._name(), self._decoded())
        elif not self._part.size and not (self._segment and self._segment.filename):
            # What browsers send for a file input that was left empty.
            self._collection.drop_part(self._name())

    def _name(self) -> str:
        return (self._segment.name if self._segment else None) or ""

    def _decoded(self) -> str:
        try:
            return self._text.decode()
        except UnicodeDecodeError:
            raise self._malformed(f"{self._name()} is not UTF-8") from None

    def _is_complete(self) -> bool:
        """Whether the closing boundary has come: only then does close() not complain."""
        try:
            self._parser.close()
        except multipart.MultipartError:
            return False
        return True

    def _malformed(self, reason: str) -> MalformedRequest:
        return MalformedRequest(
            f"the form cannot be read: {reason}", content_type="multipart/form-data", detail=reason
        )
