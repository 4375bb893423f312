"""How a face is drawn, as the contract's `DrawOptions` has it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence  # noqa: TC003 - get_type_hints(Options) wants them
from typing import Any, Literal, TypedDict

from facesvg.v1 import mask_pb2

FIELDS = mask_pb2.DrawOptions.DESCRIPTOR.fields_by_name


class Options(TypedDict, total=False):
    """Every option, each with its default when it is left out.

    `facesvg/v1/mask.proto` says of each what it does and what it may be.
    """

    preset: Literal["zones27", "features", "qoves5", "ibug68", "map"]
    regions: Sequence[str]
    scheme: Literal["auto", "mediapipe478", "mediapipe468", "ibug68", "wflw98"]
    units: Literal["auto", "pixels", "normalized"]
    face_index: int
    label_scheme: Literal["auto", "lapa11", "bisenet19", "celebamask19", "custom"]
    label_table: Sequence[str]
    trace: Literal["exact", "polygon", "smooth"]
    min_area: int
    show_landmarks: bool
    show_labels: bool
    region_opacity: float
    stroke_width: float
    embed_image: bool
    upright: bool
    crop: Literal["none", "face"]
    crop_margin: float
    theme: Literal["pastel", "vivid", "mono"]
    colors: Sequence[str]
    id_prefix: str
    lossy_map: bool
    ignore_exif: bool
    similarity: int
    callback_url: str


def message(options: Mapping[str, Any]) -> mask_pb2.DrawOptions:
    """Return the contract's message; None counts as left out, values are the service's to judge.

    Raises `TypeError` for an option that does not exist, or is of another kind.
    """
    result = mask_pb2.DrawOptions()
    for name, value in options.items():
        if name not in FIELDS:
            near = difflib.get_close_matches(name, FIELDS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(FIELDS)}"
            raise TypeError(f"there is no option {name!r}; {hint}")
        if value is None:
            continue
        try:
            if FIELDS[name].is_repeated:
                items = value.split(",") if isinstance(value, str) else value
                getattr(result, name).extend(items)
            else:
                setattr(result, name, value)
        except (TypeError, ValueError) as error:
            raise TypeError(f"{name} is {value!r}: {error}") from None
    return result
