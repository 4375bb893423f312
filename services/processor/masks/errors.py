"""What can be wrong with a photo, its landmarks, its map or the options."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class MaskError(ValueError):
    """A drawing cannot be made; the message says why and what would be right.

    `facts` holds every value that the message names, as text, for programs.
    """

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.facts: Mapping[str, str] = {name: str(value) for name, value in facts.items()}


class NotAnImage(MaskError):
    """The photo is none of the accepted formats."""


class TruncatedImage(MaskError):
    """The photo ends before its end."""


class TooManyPixels(MaskError):
    """The photo, or the map, has more pixels or a longer side than is accepted."""


class CorruptImage(MaskError):
    """The photo's header is right and its pixels are not."""


class UnreadableLandmarks(MaskError):
    """The landmarks are in no format that is known."""


class LandmarkCount(MaskError):
    """The number of landmarks fits no scheme, or not the one given."""


class InvalidLandmark(MaskError):
    """A coordinate is no finite number, or its unit is in doubt."""


class NoFace(MaskError):
    """There are no landmarks at all, or they miss the photo."""


class UnknownRegion(MaskError):
    """The preset has no such region, or the landmarks do not have what it needs."""


class InvalidSegmentationMap(MaskError):
    """The segmentation map cannot be read as labels."""


class DrawingTooLarge(MaskError):
    """The drawing is larger than may be stored."""


class InvalidOption(MaskError):
    """An option's value is of the wrong kind or out of range."""
