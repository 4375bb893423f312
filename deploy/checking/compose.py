"""Checks every way in which the compose files are put together."""

from __future__ import annotations

import itertools
import tempfile
from typing import TYPE_CHECKING

from deploy.checking.tools import REPOSITORY, can, wheel
from deploy.checking.verdict import Verdict, ran

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = "deploy/compose"
BASE = "compose.yaml"
WAYS = ((), ("compose.dev.yaml",), ("compose.prod.yaml",))
"""For a look, for work, for serving."""
WITH = ((), ("compose.tls.yaml",))


def combinations() -> list[tuple[str, ...]]:
    """Return what is put together with what.

    >>> combinations()[-1]
    ('compose.yaml', 'compose.prod.yaml', 'compose.tls.yaml')
    """
    return [(BASE, *way, *more) for way, more in itertools.product(WAYS, WITH)]


def verdicts() -> Iterator[Verdict]:
    """Yield a verdict for each file, and for each combination where Docker is here."""
    yield from map(valid, sorted((REPOSITORY / FOLDER).glob("compose*.yaml")))
    is_here = can("docker", "compose", "version")
    for files in combinations():
        about = f"docker compose config, {' + '.join(files)}"
        if not is_here:
            yield Verdict("SKIP", about, "there is no docker compose")
            continue
        named = [word for file in files for word in ("--file", f"{FOLDER}/{file}")]
        yield ran(about, ["docker", "compose", *named, "--profile", "*", "config", "--quiet"])


def valid(path: Path) -> Verdict:
    """Check a file against the schema of compose files, which knows no tags of YAML."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(path.read_text().replace(" !override", ""))
        file.flush()
        schema = [wheel("check-jsonschema"), "--builtin-schema", "vendor.compose-spec"]
        return ran(f"schema of {path.name}", [*schema, file.name])
