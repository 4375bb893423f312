"""What the labels of a map mean: which scheme they are of."""

from collections.abc import Mapping

import numpy as np

from services.processor.masks.errors import InvalidSegmentationMap
from services.processor.masks.labels import schemes
from services.processor.masks.labels.label_map import LabelMap, Labels, counts_of, present_in
from services.processor.masks.landmarks.face import Face


def named(
    labels: Labels,
    painted: str | None,
    face: Face,
    size: tuple[int, int],
    scheme: str,
    warnings: list[str],
) -> LabelMap:
    """Return `labels` with their meaning by the scheme, `scheme` or what `auto` finds.

    `painted` is the palette that the labels were looked up in; `size` the photo's width and
    height. Doubts follow `warnings`.

    Raises:
        InvalidSegmentationMap: a label is of no scheme, or not of the one given.
    """
    counts = counts_of(labels)
    present = np.flatnonzero(counts).tolist()
    if scheme == "auto":
        scheme = _detected(labels, present, painted, face, size, warnings)
    table = schemes.SCHEMES[scheme]
    if present[-1] >= len(table):
        raise InvalidSegmentationMap(
            f"label {present[-1]} of the segmentation map is unknown to {scheme}: "
            f"expected 0 to {len(table) - 1}, or label_table",
            label=present[-1],
            scheme=scheme,
        )
    names = {label: table[label] for label in present}
    return LabelMap(labels, names, scheme, counts, tuple(warnings))


def _detected(
    labels: Labels,
    present: list[int],
    painted: str | None,
    face: Face,
    size: tuple[int, int],
    warnings: list[str],
) -> str:
    """Return the scheme that the labels present are of."""
    top = present[-1]
    if top >= len(schemes.BISENET19):
        raise InvalidSegmentationMap(
            f"the segmentation map has label {top}: expected 0 to 10 (lapa11), 0 to 18 "
            "(bisenet19, celebamask19), or label_table",
            label=top,
        )
    if painted == "celebamask":
        return "celebamask19"
    if top < len(schemes.LAPA11):
        return "lapa11"
    # Both orders of 19 have a nose: which label lies where the nose is?
    height, width = labels.shape
    place = face.points[list(face.scheme.nose_and_eyes[0])].mean(axis=0)
    column = int(np.clip(place[0] * width / size[0], 0, width - 1))
    row = int(np.clip(place[1] * height / size[1], 0, height - 1))
    here = int(labels[row, column])
    for scheme in ("bisenet19", "celebamask19"):
        if here == schemes.SCHEMES[scheme].index("nose"):
            return scheme
    warnings.append(
        "the segmentation map has 19 labels of unknown order: taken for bisenet19; "
        "label_scheme=celebamask19 is the other"
    )
    return "bisenet19"


def named_by(values: Mapping[int, str], labels: Labels, warnings: list[str]) -> LabelMap:
    """Return `labels` with names by a caller's table; values of one name become one label.

    Labels that it does not name are called `label_N`, 0 is the background.
    """
    present = present_in(labels)
    unknown = [label for label in present if label not in values and label]
    if unknown:
        warnings.append(
            "the segmentation map has labels that are not in label_table: "
            + ", ".join(map(str, unknown[:10]))
        )
    names = {
        label: values.get(label, f"label_{label}" if label else "background") for label in present
    }
    first: dict[str, int] = {}
    joined = np.arange(present[-1] + 1, dtype=labels.dtype)
    for label, name in names.items():
        joined[label] = first.setdefault(name, label)
    if len(first) < len(names):
        labels = joined[labels]
    names = {label: name for name, label in first.items()}
    return LabelMap(labels, names, "custom", counts_of(labels), tuple(warnings))
