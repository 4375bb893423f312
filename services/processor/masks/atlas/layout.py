"""A layout: the regions of one face as rings of landmark numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.processor.masks.drawing import Points


@dataclass(frozen=True)
class Layout:
    """Regions in the order they are drawn and numbered.

    Attributes:
        points: (n, 2) the face's landmarks in photo pixels, and behind them points made from them.
        rings: Per region the numbers of its corners; the last joins the first. Neighbours name
            the same points along what they share, in opposite order.
        cuts: Regions that are taken out of a region that contains them.
        extrapolated: Regions with an outline that lies beyond the landmarks in part.
        is_dense: Whether corners lie so close that straight lines between them look curved.
        follows_features: Whether a map of labels decides where brows, eyes and lips end.
    """

    points: Points
    rings: Mapping[str, tuple[int, ...]]
    cuts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    extrapolated: frozenset[str] = frozenset()
    is_dense: bool = False
    follows_features: bool = False
