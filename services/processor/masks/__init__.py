"""The mask library: a photo, its landmarks and a label map become an SVG of the face's regions.

Pure: no clock, randomness, environment or network. Equal inputs and options give equal bytes.
"""

from services.photo import Header
from services.processor.masks import _opencv  # noqa: F401 - before OpenCV
from services.processor.masks.catalogue import Preset, PresetRegion, presets
from services.processor.masks.checking import check
from services.processor.masks.drawer import draw
from services.processor.masks.drawing import Drawing, Region, Ring
from services.processor.masks.errors import (
    CorruptImage,
    DrawingTooLarge,
    InvalidLandmark,
    InvalidOption,
    InvalidSegmentationMap,
    LandmarkCount,
    MaskError,
    NoFace,
    NotAnImage,
    TooManyPixels,
    TruncatedImage,
    UnknownRegion,
    UnreadableLandmarks,
)
from services.processor.masks.inputs import Facts, Inputs, Limits
from services.processor.masks.options import Options
from services.processor.masks.svg import VERSION

__all__ = [
    "VERSION",
    "CorruptImage",
    "Drawing",
    "DrawingTooLarge",
    "Facts",
    "Header",
    "Inputs",
    "InvalidLandmark",
    "InvalidOption",
    "InvalidSegmentationMap",
    "LandmarkCount",
    "Limits",
    "MaskError",
    "NoFace",
    "NotAnImage",
    "Options",
    "Preset",
    "PresetRegion",
    "Region",
    "Ring",
    "TooManyPixels",
    "TruncatedImage",
    "UnknownRegion",
    "UnreadableLandmarks",
    "check",
    "draw",
    "presets",
]
