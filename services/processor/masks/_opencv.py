"""How large a picture OpenCV may decode: it reads that once, when it is imported.

Headers are checked against tighter limits before; this is the second door. Imported first.
"""

import os

os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(1 << 28))
