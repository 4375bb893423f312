"""Checks resources that Kubernetes itself does not know against the schemas of who brings them.

The schemas are those that a cluster would be given: definitions out of the pinned Go modules of
their makers, fetched when they are needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema
import yaml

from deploy.checking import tools
from deploy.checking.verdict import Verdict, listed

if TYPE_CHECKING:
    from pathlib import Path

MAKERS = {
    "keda.sh": ("github.com/kedacore/keda/v2@v2.21.0", "config/crd/bases"),
    "monitoring.coreos.com": (
        "github.com/prometheus-operator/prometheus-operator@v0.85.0",
        "example/prometheus-operator-crd",
    ),
}
"""By their group: which module has the definitions, and where in it."""


def is_foreign(document: dict[str, Any]) -> bool:
    """Return whether a document is of a kind that a maker brings."""
    return group(document) in MAKERS


def verdict(way: str, document: dict[str, Any]) -> Verdict:
    """Return what the definition says of a document."""
    kind = document["kind"]
    about = f"{kind} {document['metadata']['name']}: {way}"
    module, folder = MAKERS[group(document)]
    root = tools.module(module)
    if root is None:
        return Verdict("SKIP", about, f"there is no Go that could fetch {module}")
    schema = definition(root / folder, document)
    if schema is None:
        return Verdict("FAIL", about, f"{module} defines no {kind} of {document['apiVersion']}")
    errors = jsonschema.Draft202012Validator(closed(schema)).iter_errors(document)
    return listed(about, [f"{error.json_path}: {error.message}" for error in errors])


def group(document: dict[str, Any]) -> str:
    """Return the group of a document's kind.

    >>> group({"apiVersion": "keda.sh/v1alpha1"})
    'keda.sh'
    """
    return str(document["apiVersion"]).partition("/")[0]


def definition(folder: Path, document: dict[str, Any]) -> dict[str, Any] | None:
    """Return the schema of a document's kind and version; nothing where there is none.

    A definition lies in a file that is named for its group and the plural of its kind.
    """
    file, version = folder / plural(document), document["apiVersion"].partition("/")[2]
    if not file.is_file():
        return None
    versions = yaml.safe_load(file.read_text())["spec"]["versions"]
    found = [known["schema"]["openAPIV3Schema"] for known in versions if known["name"] == version]
    return found[0] if found else None


def plural(document: dict[str, Any]) -> str:
    """Return the name of the file that defines a kind.

    >>> plural({"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject"})
    'keda.sh_scaledobjects.yaml'
    """
    return f"{group(document)}_{document['kind'].lower()}s.yaml"


def closed(schema: Any) -> Any:
    """Return a schema that refuses what it does not name; a cluster would drop it silently.

    >>> closed({"properties": {"a": {}}})
    {'properties': {'a': {}}, 'additionalProperties': False}
    """
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: closed(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and not schema.get(
        "x-kubernetes-preserve-unknown-fields"
    ):
        made.setdefault("additionalProperties", False)
    return made
