"""What tests read bodies with."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from services.gateway.choices import NAMES
from services.gateway.form import Limits
from services.gateway.form.collection import Collection
from services.runtime.uploads import part_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from services.gateway.form.reading import Reader

LIMITS = Limits(image=1000, landmarks=500, segmentation_map=800)


def read(
    make: Callable[[Collection], Reader], pieces: Iterable[bytes], limits: Limits = LIMITS
) -> tuple[dict[str, bytes], list[tuple[str, Any]]]:
    """Return the parts by name, and the options, that a reader finds in pieces of a body."""
    collection = Collection(limits, NAMES)
    try:
        reader = make(collection)
        for piece in pieces:
            reader.feed(piece)
        reader.finish()
        parts = {part_name(number): spool.read() for number, spool in collection.parts.items()}
    finally:
        collection.close()
    return parts, collection.options


def cut(text: bytes, at: Iterable[int]) -> list[bytes]:
    """Return a text in pieces, cut at some places."""
    edges = [0, *sorted(min(edge, len(text)) for edge in at), len(text)]
    return [text[a:b] for a, b in itertools.pairwise(edges)]
