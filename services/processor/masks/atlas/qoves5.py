"""The five regions of the first service of this name, whose clients know them by these names.

There "left" and "right" were the viewer's: `SIDES` tells the subject's.
"""

from collections.abc import Mapping

ZONES: Mapping[str, tuple[int, ...]] = {
    "forehead": (
        *(127, 162, 21, 54, 103, 67, 109, 10, 338, 297, 332, 284, 251, 389),
        *(301, 293, 334, 296, 336, 9, 107, 66, 105, 63, 70),
    ),
    "nose": (
        *(55, 8, 285, 417, 412, 437, 420, 429, 279, 358, 294, 327, 326),
        *(2, 97, 98, 64, 129, 49, 209, 198, 236, 196, 122, 193),
    ),
    "right_under_eye": (
        *(465, 464, 341, 256, 252, 253, 254, 339, 255, 359),
        *(353, 383, 372, 340, 346, 347, 348, 349, 350, 357),
    ),
    "left_under_eye": (
        *(35, 226, 25, 110, 24, 23, 22, 26, 112),
        *(244, 245, 128, 121, 120, 119, 118, 117, 111),
    ),
    "mouth": (
        *(234, 116, 36, 203, 165, 167, 164, 393, 391, 423, 266, 330, 345, 454, 323, 361, 288),
        *(397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172, 58, 132, 93),
    ),
}
SIDES: Mapping[str, str] = {"right_under_eye": "left", "left_under_eye": "right"}
