"""OpenCV's ways: how large a picture it may decode, and how it says that memory has run out.

It reads the first once, when it is imported: this is imported before it. Headers are checked
against tighter limits before; this is the second door.
"""

import os

os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(1 << 28))

import cv2


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error of Python's or OpenCV's says that there was no memory left."""
    if isinstance(error, cv2.error):
        return error.code == cv2.Error.STS_NO_MEM
    return isinstance(error, MemoryError)
