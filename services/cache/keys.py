r"""The cache key: equal keys have equal drawings.

An `input_hash` is the SHA-256, in lower-case hexadecimal, of a text that any language can write:
UTF-8, one line for each fact, every line ended by a single line feed, in this order:

1. `facesvg` and the drawing's version, the greatest value of `facesvg.v1.DrawingVersion`
2. `image` and the SHA-256 of the photo's bytes
3. `landmarks` and the SHA-256 of the landmarks in canonical form
4. `segmentation_map` and its SHA-256, or `-` without a map
5. `tenant -`, in every key: whose an entry is, is kept beside its hash, so that one upload has one
   hash for every client
6. `option name=value` for every option that differs from its default, sorted by name; numbers in
   their shortest form, lists sorted and joined by commas

Digests are 64 lower-case hexadecimal digits; a name and its value are one space apart.

>>> key = Key(version=1, image=bytes(32), landmarks=bytes(32), options={"trace": "exact"})
>>> key.text().splitlines()[3:]
['segmentation_map -', 'tenant -', 'option trace=exact']
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ABSENT = "-"


@dataclass(frozen=True)
class Key:
    """What decides a drawing.

    Digests are 32 bytes; an empty `segmentation_map` means there is none. `options` has, as
    canonical text, those that differ from their default. `tenant` is no part of the hash: entries
    are looked up by both.
    """

    version: int
    image: bytes
    landmarks: bytes
    segmentation_map: bytes = b""
    tenant: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def input_hash(self) -> str:
        """The SHA-256 of the key's text, 64 hexadecimal digits."""
        return sha256(self.text().encode()).hexdigest()

    def text(self) -> str:
        """Return the canonical text."""
        lines = [
            f"facesvg {self.version}",
            f"image {self.image.hex()}",
            f"landmarks {self.landmarks.hex()}",
            f"segmentation_map {self.segmentation_map.hex() or ABSENT}",
            f"tenant {ABSENT}",
            *(f"option {name}={value}" for name, value in sorted(self.options.items())),
        ]
        return "".join(f"{line}\n" for line in lines)
