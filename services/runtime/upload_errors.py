"""What can be wrong with an upload, whatever it came by."""

from __future__ import annotations


class UploadError(ValueError):
    """An upload is not what it should be; `facts` has every value of the message."""

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.facts = {name: str(value) for name, value in facts.items()}


class TruncatedUpload(UploadError):
    """An upload ended before its end, or its bytes are not the ones declared."""


class MissingPart(UploadError):
    """A part that every submission needs is missing."""


class UnexpectedPart(UploadError):
    """A part came twice, out of order, or is none that is known."""


class PartTooLarge(UploadError):
    """A part is larger than the service accepts."""
