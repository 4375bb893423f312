"""What the labels of a segmentation map mean.

Sides are the subject's: CelebAMask-HQ's `l_eye` and the like lie at the viewer's right (checked
by the centroids of its masks), and LaPa's labels 2 and 4 at the viewer's left. Sources: LaPa as
facer's FaRL renames it; face-parsing.PyTorch `test.py` (BiSeNet) and CelebAMask-HQ
`face_parsing/Data_preprocessing/g_mask.py`, which order the same 19 classes differently.
"""

from collections.abc import Mapping

from services.processor.masks.errors import InvalidOption

LAPA11 = (
    *("background", "skin", "right_brow", "left_brow", "right_eye", "left_eye"),
    *("nose", "upper_lip", "inner_mouth", "lower_lip", "hair"),
)
BISENET19 = (
    *("background", "skin", "left_brow", "right_brow", "left_eye", "right_eye", "glasses"),
    *("left_ear", "right_ear", "earring", "nose", "inner_mouth", "upper_lip", "lower_lip"),
    *("neck", "necklace", "cloth", "hair", "hat"),
)
CELEBAMASK19 = (
    *("background", "skin", "nose", "glasses", "left_eye", "right_eye", "left_brow"),
    *("right_brow", "left_ear", "right_ear", "inner_mouth", "upper_lip", "lower_lip"),
    *("hair", "hat", "earring", "necklace", "neck", "cloth"),
)
SCHEMES: Mapping[str, tuple[str, ...]] = {
    "lapa11": LAPA11,
    "bisenet19": BISENET19,
    "celebamask19": CELEBAMASK19,
}

FACE = frozenset(
    {
        *("skin", "right_brow", "left_brow", "right_eye", "left_eye", "nose"),
        *("upper_lip", "inner_mouth", "lower_lip"),
    }
)
"""What is of the face: everything else hides it."""

_ALIASES: Mapping[str, str] = {
    "bg": "background",
    "face": "skin",
    "face_skin": "skin",
    "facial_skin": "skin",
    "l_brow": "left_brow",
    "lb": "left_brow",
    "left_eyebrow": "left_brow",
    "r_brow": "right_brow",
    "rb": "right_brow",
    "right_eyebrow": "right_brow",
    "l_eye": "left_eye",
    "le": "left_eye",
    "r_eye": "right_eye",
    "re": "right_eye",
    "l_ear": "left_ear",
    "r_ear": "right_ear",
    "ear_r": "earring",
    "eye_g": "glasses",
    "eyeglasses": "glasses",
    "eyeglass": "glasses",
    "u_lip": "upper_lip",
    "ulip": "upper_lip",
    "l_lip": "lower_lip",
    "llip": "lower_lip",
    "mouth": "inner_mouth",
    "imouth": "inner_mouth",
    "teeth": "inner_mouth",
    "neck_l": "necklace",
    "clothes": "cloth",
    "clothing": "cloth",
}


def meaning(name: str) -> str:
    """Return the name that this library has for a label called `name` elsewhere."""
    return _ALIASES.get(name, name)


def table(entries: tuple[str, ...]) -> tuple[Mapping[int, str], Mapping[tuple[int, int, int], str]]:
    """Return the names of values, and of colours (red, green, blue), in a `label_table`.

    Raises:
        InvalidOption: a value or a colour is named twice.
    """
    values: dict[int, str] = {}
    colours: dict[tuple[int, int, int], str] = {}
    for entry in entries:
        key, _, name = entry.partition("=")
        if key.startswith("#"):
            red, green, blue = bytes.fromhex(key[1:])
            is_new = colours.setdefault((red, green, blue), name) == name
        else:
            is_new = values.setdefault(int(key), name) == name
        if not is_new:
            raise InvalidOption(
                f"label_table names {key} twice: expected one name", option="label_table", value=key
            )
    return values, colours
