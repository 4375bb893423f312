"""The photo's pixels, as the embedded picture needs them."""

from typing import Any, BinaryIO, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from services.photo import Header
from services.processor.masks._opencv import is_out_of_memory
from services.processor.masks.errors import CorruptImage
from services.processor.masks.pose import Pose

Level = TypeVar("Level", bound=np.generic)

_QUALITY = 85
_WHITE = 255
_WITH_ALPHA = 4


def embedded(file: BinaryIO, header: Header, pose: Pose) -> bytes:
    """Return the photo as a JPEG in the drawing's pose; what lies beyond the photo is white.

    Raises:
        CorruptImage: the pixels cannot be decoded.
    """
    picture = decode(file, header)
    corner = pose.matrix[:, 2]
    if (pose.matrix[:, :2] == np.eye(2)).all():
        x, y = (-corner).astype(int).tolist()
        picture = picture[y : y + pose.height, x : x + pose.width]
    else:
        # OpenCV puts pixel centres at whole numbers, the matrix pixel corners.
        matrix = pose.matrix.copy()
        matrix[:, 2] += matrix[:, :2].sum(axis=1) / 2 - 0.5
        warped = cv2.warpAffine(
            picture,
            matrix,
            (pose.width, pose.height),
            flags=cv2.INTER_LINEAR,
            borderValue=(_WHITE,) * 3,
        )
        picture = np.asarray(warped, np.uint8)
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return data.tobytes()


def decode(file: BinaryIO, header: Header) -> NDArray[np.uint8]:
    """Return the pixels, (h, w, 3) uint8 blue, green, red, upright; transparency over white."""
    file.seek(0)
    data = np.frombuffer(file.read(), np.uint8)
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    has_alpha = header.channels == _WITH_ALPHA and header.format != "jpeg"
    try:
        found: Any = cv2.imdecode(data, cv2.IMREAD_UNCHANGED if has_alpha else flags)
    except cv2.error as error:
        if is_out_of_memory(error):
            raise
        raise _corrupt() from error
    if found is None:
        raise _corrupt()
    if has_alpha and found.ndim == 3 and found.shape[2] == _WITH_ALPHA:  # noqa: PLR2004
        found = _over_white(found if found.dtype == np.uint8 else (found >> 8).astype(np.uint8))
    turned = upright(np.asarray(found, np.uint8), header.orientation)
    if turned.shape[:2] != (header.height, header.width):
        raise _corrupt()
    return turned


def upright(picture: NDArray[Level], orientation: int) -> NDArray[Level]:
    """Return the picture as EXIF orientation 1 to 8 means it to be seen (EXIF 2.3, 4.6.4 A)."""
    if orientation in {5, 6, 7, 8}:
        picture = picture.swapaxes(0, 1)
    if orientation in {3, 4, 7, 8}:
        picture = picture[::-1]
    if orientation in {2, 3, 6, 7}:
        picture = picture[:, ::-1]
    return np.ascontiguousarray(picture)


def _over_white(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    alpha = picture[..., 3:].astype(np.uint16)
    mixed = (picture[..., :3] * alpha + _WHITE * (_WHITE - alpha) + 127) // _WHITE
    return mixed.astype(np.uint8)


def _corrupt() -> CorruptImage:
    return CorruptImage(
        "the image's header is right and its pixels cannot be decoded: send another copy",
        part="image",
    )
