"""Which landmarks and which map belong to which photo: by the name before the first dot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

PHOTOS = (".jpg", ".jpeg", ".png", ".webp")
LANDMARKS = (".landmarks.json", ".json", ".pts", ".csv", ".txt")
MAPS = (".map.png", ".segmentation_map.png", ".mask.png", ".map.json", ".segmentation_map.json")
MAPS_APART = (".png", ".json", *MAPS)
"""Where maps have a folder of their own, they need no name of their own."""


class NotPaired(LookupError):
    """A photo has no landmarks where they are looked for."""


@dataclass(frozen=True)
class Pair:
    """A photo with what belongs to it, and where its drawing goes."""

    photo: Path
    landmarks: Path
    segmentation_map: Path | None
    drawing: Path

    @property
    def is_drawn(self) -> bool:
        """Whether there is a drawing that is newer than everything it is made of."""
        parts = [self.photo, self.landmarks, self.segmentation_map]
        try:
            made = self.drawing.stat().st_mtime_ns
        except FileNotFoundError:
            return False
        return all(part.stat().st_mtime_ns <= made for part in parts if part)


def photos(places: Iterable[Path]) -> Iterator[Path]:
    """Yield photos: files as they are named, and those in folders, in order, without maps."""
    for place in places:
        if not place.is_dir():
            yield place
            continue
        for path in sorted(place.iterdir()):
            if path.suffix.lower() in PHOTOS and not path.name.endswith(MAPS):
                yield path


def pair(
    photo: Path, landmarks: Path | None, segmentation_map: Path | None, into: Path | None
) -> Pair:
    """Return a photo with its parts; raises `NotPaired`.

    `landmarks` and `segmentation_map` are files, or folders to look in; None looks beside the
    photo. `into` is the folder of the drawing; None is the photo's.
    """
    found = landmarks
    if found is None or found.is_dir():
        folder = found or photo.parent
        found = beside(photo, folder, LANDMARKS)
        if found is None:
            tried = ", ".join(photo.stem + ending for ending in LANDMARKS)
            raise NotPaired(f"{photo} has no landmarks in {folder}; looked for {tried}")
    label_map = segmentation_map
    if label_map is None:
        label_map = beside(photo, photo.parent, MAPS, found)
    elif label_map.is_dir():
        label_map = beside(photo, label_map, MAPS_APART, found)
    return Pair(photo, found, label_map, (into or photo.parent) / f"{photo.stem}.svg")


def beside(photo: Path, folder: Path, endings: Sequence[str], *others: Path) -> Path | None:
    """Return the first file in a folder that has a photo's name and one of the endings.

    It is not the photo itself, and none of the `others` that are known to be something else.
    """
    candidates = (folder / (photo.stem + ending) for ending in endings)
    return next((p for p in candidates if p not in {photo, *others} and p.is_file()), None)
