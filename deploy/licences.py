"""Lists what is pinned and installed with its licence; ends with 1 where one may not be used.

    python -m deploy.licences [--refused]

With `--refused` only those are listed.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import PackageMetadata, distributions
from pathlib import Path

CONSTRAINTS = Path(__file__).resolve().parents[1] / "constraints.txt"

ALLOWED = re.compile(
    r"0BSD|Apache.*|BSD.*|3-Clause BSD License|CC0-1.0|HPND|ISC.*|MIT.*|MPL-2\.0|"
    r"Mozilla Public License 2\.0.*|PSF-2\.0|Python Software Foundation License|Unlicense|Zlib"
    # Used as libraries that anyone can replace, which is all that they ask for.
    r"|LGPL-3\.0-only|GNU Lesser General Public License v3 or later \(LGPLv3\+\)?"
)
"""What may be used in, and beside, a suite under the MIT licence."""

KNOWN = {
    "axe-playwright-python": "MIT AND MPL-2.0",  # said in its files alone; axe-core's is the latter
    "resvg_py": "MPL-2.0",  # said in its repository alone
}


def licence(metadata: PackageMetadata) -> str:
    """Return what a distribution says of its licence: an SPDX expression, classifiers, or words."""
    told = metadata.json
    if expression := told.get("license_expression"):
        return str(expression)
    classifiers = metadata.get_all("Classifier") or []
    named = [text.split(" :: ")[-1] for text in classifiers if text.startswith("License ::")]
    words = str(told.get("license") or "").partition("\n")[0]
    return " AND ".join(named) or words or KNOWN.get(metadata["Name"], "")


def is_allowed(expression: str) -> bool:
    """Return whether every part of an expression may be used, or one of those to choose from.

    >>> is_allowed("MIT AND PSF-2.0"), is_allowed("GPL-3.0-only OR MIT"), is_allowed("AGPL-3.0")
    (True, True, False)
    """
    return any(
        all(ALLOWED.fullmatch(part.strip(" ()")) for part in choice.split(" AND "))
        for choice in expression.split(" OR ")
    )


def pinned() -> set[str]:
    """Return the names of what is pinned, as they are compared."""
    lines = CONSTRAINTS.read_text().splitlines()
    return {normal(line.partition("==")[0]) for line in lines if "==" in line}


def normal(name: str) -> str:
    """Return a distribution's name as PEP 503 compares it.

    >>> normal("Typing_Extensions")
    'typing-extensions'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def main(arguments: list[str]) -> int:
    """Print the list; return 1 when one is not allowed."""
    wanted, status = pinned(), 0
    found = {d.metadata["Name"]: (d.version, licence(d.metadata)) for d in distributions()}
    for name, (version, said) in sorted(found.items(), key=lambda item: item[0].lower()):
        if normal(name) not in wanted:
            continue
        is_refused = not is_allowed(said)
        status = status or int(is_refused)
        if is_refused or "--refused" not in arguments:
            mark = "  <- not on the list of deploy/licences.py" if is_refused else ""
            print(f"{name:<28} {version:<16} {said or 'none told'}{mark}")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
