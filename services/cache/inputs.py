"""Inputs of few bytes, which lie in the row of their task: three arrays that go together."""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

from services.cache.ports import CorruptBlob
from services.cache.records import Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_BYTES = 256 * 1024
"""Of a task's inputs together: landmarks and a map in PNG take a tenth of it."""

COLUMNS = 3


def are_few(inputs: Mapping[int, Source]) -> bool:
    """Return whether inputs lie in the row."""
    return size(inputs) <= MOST_BYTES


def size(inputs: Mapping[int, Source]) -> int:
    """Return the bytes of inputs."""
    return sum(source.size for source in inputs.values())


def row_of(inputs: Mapping[int, Source]) -> Mapping[str, Any]:
    """Return the values of a row's columns: empty ones for inputs that lie elsewhere."""
    if not are_few(inputs):
        return {"input_parts": None, "input_digests": None, "input_data": None, "input_size": 0}
    return {
        "input_parts": list(inputs),
        "input_digests": [source.digest for source in inputs.values()],
        "input_data": [contents(source) for source in inputs.values()],
        "input_size": size(inputs),
    }


def kept(
    parts: Sequence[int] | None, digests: Sequence[bytes] | None, data: Sequence[bytes] | None
) -> Mapping[int, Source]:
    """Return what a row's columns hold; raise `CorruptBlob` when a digest is wrong."""
    found = {}
    for part, digest, content in zip(parts or (), digests or (), data or (), strict=True):
        if hashlib.sha256(content).digest() != digest:
            raise CorruptBlob(digest)
        found[part] = Source(digest, len(content), BytesIO(content))
    return found


def contents(source: Source) -> bytes:
    """Return the bytes of a source, which stays open."""
    source.file.seek(0)
    return source.file.read()
