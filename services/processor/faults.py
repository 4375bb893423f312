"""What the drawing's errors mean to a client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc

from services.processor.masks import errors
from services.runtime.faults import Fault
from services.runtime.options import InvalidOption

if TYPE_CHECKING:
    from services.runtime.faults import FaultTable


def wrong(reason: str) -> Fault:
    """Return the fault of a client's mistake."""
    return Fault(grpc.StatusCode.INVALID_ARGUMENT, reason)


FAULTS: FaultTable = {
    InvalidOption: wrong("INVALID_OPTION"),
    errors.InvalidOption: wrong("INVALID_OPTION"),
    errors.NotAnImage: wrong("NOT_AN_IMAGE"),
    errors.TruncatedImage: wrong("TRUNCATED_IMAGE"),
    errors.TooManyPixels: wrong("TOO_MANY_PIXELS"),
    errors.CorruptImage: wrong("CORRUPT_IMAGE"),
    errors.UnreadableLandmarks: wrong("UNREADABLE_LANDMARKS"),
    errors.LandmarkCount: wrong("LANDMARK_COUNT"),
    errors.InvalidLandmark: wrong("INVALID_LANDMARK"),
    errors.NoFace: wrong("NO_FACE"),
    errors.UnknownRegion: wrong("UNKNOWN_REGION"),
    errors.InvalidSegmentationMap: wrong("INVALID_SEGMENTATION_MAP"),
    errors.DrawingTooLarge: wrong("DRAWING_TOO_LARGE"),
}


def reason(error: errors.MaskError) -> str:
    """Return the name by which a drawing's error is stored with its task."""
    return next(FAULTS[kind].reason for kind in type(error).__mro__ if kind in FAULTS)
