"""Checks the workflows that run elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.checking import tools
from deploy.checking.verdict import Verdict, ran

if TYPE_CHECKING:
    from collections.abc import Iterator

ACTIONLINT = ("github.com/rhysd/actionlint/cmd/actionlint", "v1.7.12")


def verdicts() -> Iterator[Verdict]:
    """Yield what the schema says of each workflow, and what the linter of workflows says."""
    for path in sorted(tools.REPOSITORY.glob(".github/workflows/*.yml")):
        schema = [tools.wheel("check-jsonschema"), "--builtin-schema", "vendor.github-workflows"]
        yield ran(f"schema of {path.name}", [*schema, str(path)])
        actionlint = tools.program(*ACTIONLINT)
        about = f"actionlint {path.name}"
        if actionlint is None:
            yield Verdict("SKIP", about, "there is no Go that could fetch it")
        else:
            yield ran(about, [str(actionlint), str(path)])
