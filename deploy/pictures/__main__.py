"""Writes the pictures and the tables of the documentation anew."""

from deploy.local.layout import REPOSITORY
from deploy.pictures import tables
from deploy.pictures.portraits import pictures

DOCS = REPOSITORY / "docs"
REGIONS = DOCS / "regions.md"


def main() -> None:
    """Write `docs/images`, and nothing else there, and the tables of `docs/regions.md`."""
    images = DOCS / "images"
    for old in images.glob("*.jpg"):
        old.unlink()
    for name, data in pictures().items():
        (images / name).write_bytes(data)
    REGIONS.write_text(tables.filled(REGIONS.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
