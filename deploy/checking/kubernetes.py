"""Builds the overlays, each with every component it may have, and checks what comes out."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from deploy.checking import references, resources, tools
from deploy.checking.verdict import Verdict, listed, ran, verdict_of

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = tools.REPOSITORY / "deploy" / "k8s"
VERSIONS = ("1.30", "1.34", "1.37")
"""The oldest that is meant, one between, the newest."""

BUILDERS = (("kustomize", "build"), ("kubectl", "kustomize"))
KUSTOMIZE = ("sigs.k8s.io/kustomize/kustomize/v5", "v5.8.3")
"""Fetched where neither of them is here."""

OPTIONAL = re.compile(r"^# (- \.\./\.\./components/(\w+))$", re.MULTILINE)
"""A component that an overlay may have: a line of it that waits as a comment."""


@dataclass(frozen=True)
class Way:
    """An overlay, and which of its optional components are taken."""

    overlay: str
    components: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " + ".join((self.overlay, *self.components))


def ways() -> list[Way]:
    """Return each overlay as it is, with one component more, and with all of them.

    >>> [str(way) for way in ways()][:3]
    ['dev', 'production', 'production + tls']
    """
    overlays = sorted(path.parent for path in FOLDER.glob("overlays/*/kustomization.yaml"))
    found = [Way(path.name) for path in overlays]
    for path in overlays:
        named = OPTIONAL.findall((path / "kustomization.yaml").read_text())
        components = tuple(name for _, name in named)
        found += [Way(path.name, (name,)) for name in components]
        found += [Way(path.name, components)] if components else []
    return found


def verdicts() -> Iterator[Verdict]:
    """Yield what came of each way."""
    tool = builder()
    for way in ways():
        if not tool:
            why = "there is neither kustomize nor kubectl, nor Go that could fetch one"
            yield Verdict("SKIP", f"overlay {way}", why)
            continue
        with chosen(way) as folder:
            command = [*tool, str(folder)]
            built = subprocess.run(command, capture_output=True, text=True, check=False)
        yield verdict_of(f"build of {way}", built)
        if built.returncode == 0:
            yield from of(way, [found for found in yaml.safe_load_all(built.stdout) if found])


def builder() -> tuple[str, ...]:
    """Return the command that builds a folder; nothing where there is none."""
    for words in BUILDERS:
        if shutil.which(words[0]):
            return words
    fetched = tools.program(*KUSTOMIZE)
    return (str(fetched), "build") if fetched else ()


@contextmanager
def chosen(way: Way) -> Iterator[Path]:
    """Give a copy of an overlay with its components."""
    with tempfile.TemporaryDirectory() as root:
        copy = Path(shutil.copytree(FOLDER, Path(root) / "k8s")) / "overlays" / way.overlay
        file = copy / "kustomization.yaml"
        file.write_text(
            OPTIONAL.sub(
                lambda line: line[1] if line[2] in way.components else line[0], file.read_text()
            )
        )
        yield copy


def of(way: Way, documents: list[dict[str, Any]]) -> Iterator[Verdict]:
    """Yield what the schemas say of what was built, and whether it holds together."""
    own = [found for found in documents if not resources.is_foreign(found)]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump_all(own, file)
        file.flush()
        for version in VERSIONS if len(way.components) != 1 else VERSIONS[-1:]:
            validate = [tools.wheel("kubernetes-validate"), "--strict", "--quiet", "-k", version]
            yield ran(f"Kubernetes {version}: {way}", [*validate, file.name])
    yield listed(f"references of {way}", references.wrong(documents))
    for found in documents:
        if resources.is_foreign(found):
            yield resources.verdict(str(way), found)
