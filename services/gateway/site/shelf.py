"""The files that browsers may have: what is on the shelf when the service starts, and no other."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

STATIC = Path(__file__).resolve().parents[1] / "static"

KINDS = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""What files are, by their suffix; others are not served."""

VENDOR = {
    "vendor/swagger-ui/swagger-ui.css": "swagger_style.css",
    "vendor/swagger-ui/swagger-ui-bundle.js": "swagger_bundle.js",
    "vendor/redoc/redoc.js": "redoc.js",
}
"""Files of the package `offapi`, which has those of Swagger UI and Redoc, by our names for them."""

DESCRIPTION = "openapi.json"
"""A file of the package `facesvg`: the REST contract."""


class NotOnShelf(LookupError):
    """There is no such page or file."""

    def __init__(self, name: str) -> None:
        super().__init__("there is no such page or file; the pages are /, /docs and /redoc")
        self.facts = {"name": name[:200]}


@dataclass(frozen=True)
class File:
    """A file as a browser gets it."""

    kind: str
    data: bytes

    @property
    def etag(self) -> str:
        """What changes with the file."""
        return f'"{hashlib.sha256(self.data).hexdigest()}"'


@dataclass(frozen=True)
class Shelf:
    """Files by the names that clients have for them: a path is looked up, never followed."""

    files: Mapping[str, Path]

    def read(self, name: str) -> File:
        """Return a file as it is now; raises `NotOnShelf`."""
        path = self.files.get(name)
        if path is None:
            raise NotOnShelf(name)
        return File(KINDS[path.suffix], path.read_bytes())


def filled() -> Shelf:
    """Return the shelf with all that the installed packages have for it."""
    theirs = {name: package("offapi") / file for name, file in VENDOR.items()}
    return Shelf({**found(STATIC), **theirs, DESCRIPTION: package("facesvg") / DESCRIPTION})


def found(folder: Path) -> Mapping[str, Path]:
    """Return the files of known kinds below a folder, by their path within it."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.suffix in KINDS and path.is_file()
    }


def package(name: str) -> Path:
    """Return the folder of an installed package without importing it."""
    spec = find_spec(name)
    if spec is None or not spec.origin:
        raise ModuleNotFoundError(
            f"the package {name} is not installed; install facesvg[gateway]", name=name
        )
    return Path(spec.origin).parent
