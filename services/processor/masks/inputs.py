"""What goes in: the bytes of one photo and what comes with it, and how much is accepted."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from services.photo import Header


@dataclass(frozen=True)
class Inputs:
    """The parts of one submission.

    `image` is seekable and stays open; it is never read whole unless its pixels are needed.
    `segmentation_map` is a PNG (a JPEG where `lossy_map` allows it) or a JSON object
    {region name: [landmark indices]}.

    `photo` is what is known of the photo already, under the same options. With it an image whose
    pixels are not needed may be empty.
    """

    image: BinaryIO
    landmarks: bytes
    segmentation_map: bytes | None = None
    photo: "Header | None" = None


@dataclass(frozen=True)
class Limits:
    """How large inputs and drawings may be."""

    max_megapixels: float = 50
    max_side: int = 16_384
    max_landmark_bytes: int = 4 << 20
    max_svg_bytes: int = 16 << 20
    max_points: int = 60_000
    """Corners of all outlines: some 50 bytes each where they travel beside the SVG."""
    max_map_edges: int = 400_000
    """Edges between unlike pixels of a map: a face has some 10 000, noise as many as pixels."""


@dataclass(frozen=True)
class Facts:
    """What is known of inputs that were accepted.

    The size is the photo's in pixels, upright as its EXIF orientation says.
    """

    image_width: int
    image_height: int
    image_format: str
    landmarks_count: int
    scheme: str
    units: str
    photo: "Header"
    """All that a drawing needs of the photo, unless its pixels are needed."""
