"""What a body has brought so far: parts in spools, options as they were written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from facesvg.v1 import upload_pb2
from services.runtime import options
from services.runtime.spool import Spool, sha256
from services.runtime.upload_errors import UnexpectedPart
from services.runtime.uploads import part_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.runtime.spool import Digester

OPTION_BYTES = 16 * 1024
"""The longest option: 256 entries of a label table are 20 kB at the very most, 4 kB in earnest."""

PARTS = {part_name(number): number for number in upload_pb2.Part.values() if number}


@dataclass(frozen=True)
class Limits:
    """The most bytes of each part."""

    image: int
    landmarks: int
    segmentation_map: int

    @property
    def body(self) -> int:
        """The most bytes of a body: its parts in base64, with room for escapes and line breaks."""
        return 2 * (self.image + self.landmarks + self.segmentation_map)

    def by_part(self) -> dict[int, int]:
        """Return the limits by the parts' numbers."""
        return {number: getattr(self, name) for name, number in PARTS.items()}


class Collection:
    """Takes parts and options as a reader meets them. Whoever makes one closes it."""

    def __init__(self, limits: Limits, known: Sequence[str], digest_of: Digester = sha256) -> None:
        self.parts: dict[int, Spool] = {}
        self.options: list[tuple[str, Any]] = []
        self._limits = limits
        self._known = known
        self._digest_of = digest_of

    def begin_part(self, name: str) -> Spool:
        """Return where the bytes of a part go; raises `UnexpectedPart` for a second one."""
        number = PARTS[name]
        if number in self.parts:
            raise UnexpectedPart(f"{name} came twice; send it once", part=name)
        spool = Spool(name, getattr(self._limits, name), digest_of=self._digest_of)
        self.parts[number] = spool
        return spool

    def drop_part(self, name: str) -> None:
        """Forget a part that turned out not to be there."""
        self.parts.pop(PARTS[name]).close()

    def check_option(self, name: str) -> None:
        """Raise `UnknownOption` unless there is one of this name."""
        if name not in self._known:
            raise options.unknown(name, self._known)

    def add_option(self, name: str, value: Any) -> None:
        """Keep an option, as text or JSON."""
        self.options.append((name, value))

    def close(self) -> None:
        """Close every part."""
        for spool in self.parts.values():
            spool.close()
