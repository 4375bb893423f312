"""Photos as files: what their headers say. Pure, and light enough for a service without pixels."""

from services.photo.header import Header, read
from services.photo.layout import EndOfImage, NotAnImage

__all__ = ["EndOfImage", "Header", "NotAnImage", "read"]
