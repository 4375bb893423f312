"""Pods for Podman, out of the workloads of a manifest.

Podman knows pods and no cluster: one pod a workload, what Secrets and ConfigMaps say told in so
many words, new volumes for claims. What only a cluster does (probes, replicas, spreading) is left
out.
"""

from __future__ import annotations

import base64
import copy
from typing import TYPE_CHECKING, Any

from deploy.checking.references import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Document = dict[str, Any]
Said = dict[tuple[str, str], dict[str, str]]
"""What Secrets and ConfigMaps say, by kind and name."""

WORKLOADS = ("StatefulSet", "Deployment")
"""Databases first."""

OF_CLUSTERS = ("topologySpreadConstraints", "automountServiceAccountToken", "enableServiceLinks")
ASKED_OR_PUBLISHED = ("startupProbe", "readinessProbe", "livenessProbe", "lifecycle", "ports")
"""Of a container: asked from outside here; ports would be published on the whole machine."""


def workloads(documents: Iterable[Document]) -> list[Document]:
    """Return the workloads, in the order in which they are started."""
    found = [document for document in documents if document["kind"] in WORKLOADS]
    return sorted(found, key=lambda workload: WORKLOADS.index(workload["kind"]))


def names(workload: Document, documents: Iterable[Document]) -> list[str]:
    """Return the names of the Services that lead to a workload."""
    labels = workload["spec"]["template"]["metadata"]["labels"].items()
    return [
        document["metadata"]["name"]
        for document in documents
        if document["kind"] == "Service" and document["spec"]["selector"].items() <= labels
    ]


def said(documents: Iterable[Document]) -> Said:
    """Return what Secrets and ConfigMaps say."""
    return {
        (document["kind"], document["metadata"]["name"]): texts(document)
        for document in documents
        if document["kind"] in {"Secret", "ConfigMap"}
    }


def texts(document: Document) -> dict[str, str]:
    """Return the texts of a Secret or a ConfigMap."""
    data: dict[str, str] = document.get("data") or {}
    if document["kind"] == "Secret":
        data = {key: base64.b64decode(value).decode() for key, value in data.items()}
    return {**data, **(document.get("stringData") or {})}


def pod(workload: Document, known: Said) -> Document:
    """Return a workload's pod."""
    spec = copy.deepcopy(workload["spec"]["template"]["spec"])
    for word in OF_CLUSTERS:
        spec.pop(word, None)
    for claim in workload["spec"].get("volumeClaimTemplates", ()):
        spec.setdefault("volumes", []).append({"name": claim["metadata"]["name"], "emptyDir": {}})
    for container in (*spec.get("initContainers", ()), *spec["containers"]):
        for word in ASKED_OR_PUBLISHED:
            container.pop(word, None)
        container["imagePullPolicy"] = "Never"
        container["env"] = [
            {"name": name, "value": value} for name, value in told(container, known).items()
        ]
        container.pop("envFrom", None)
    # With `Always`, Podman starts an init container that is done again and again.
    spec["restartPolicy"] = "OnFailure"
    name = workload["metadata"]["name"]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def told(container: Mapping[str, Any], known: Said) -> dict[str, str]:
    """Return the environment of a container, in so many words."""
    found: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        for word, reference in source.items():
            found |= known[SOURCES[word], reference["name"]]
    for variable in container.get("env", ()):
        found |= dict(named(variable, known))
    return found


def named(variable: Mapping[str, Any], known: Said) -> Iterator[tuple[str, str]]:
    """Yield a variable's name and value, unless it is optional and not there."""
    if "valueFrom" not in variable:
        yield variable["name"], variable["value"]
        return
    [(word, reference)] = variable["valueFrom"].items()
    value = known[SOURCES[word], reference["name"]].get(reference["key"])
    if value is not None:
        yield variable["name"], value
    elif not reference.get("optional"):
        raise KeyError(reference["key"])
