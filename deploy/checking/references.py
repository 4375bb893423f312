"""What a manifest names exists: no schema sees a Service without pods, or a key no Secret has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ELSEWHERE = {"api-keys", "door-tls", "jwks", "pgbouncer", "suite-mtls", "webhooks"}
"""Secrets that are made by others: by hand, or by cert-manager."""

Item = TypeVar("Item")
WORKLOADS = {"Deployment", "StatefulSet"}
PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
ACTIONS = ("httpGet", "tcpSocket", "grpc")
SOURCES = {
    "configMapKeyRef": "ConfigMap",
    "configMapRef": "ConfigMap",
    "secretKeyRef": "Secret",
    "secretRef": "Secret",
}


def wrong(documents: Iterable[dict[str, Any]]) -> list[str]:
    """Return a sentence for each thing that is named and is not there."""
    manifest = Manifest(documents)
    return [
        *manifest.twice,
        *(said for workload in manifest.workloads for said in of_workload(manifest, workload)),
        *(said for document in manifest.all for said in of_target(manifest, document)),
    ]


class Manifest:
    """What was built, by kind and name."""

    def __init__(self, documents: Iterable[dict[str, Any]]) -> None:
        self.all = list(documents)
        names = [(found["kind"], found["metadata"]["name"]) for found in self.all]
        self.twice = [f"{kind}/{name} is there twice" for kind, name in sorted(twice(names))]
        self._named = dict(zip(names, self.all, strict=True))
        self.workloads = [found for found in self.all if found["kind"] in WORKLOADS]

    def keys(self, kind: str, name: str) -> set[str] | None:
        """Return the keys of a Secret or a ConfigMap; nothing where it is not there."""
        found = self._named.get((kind, name))
        if found is None:
            return None
        return {key for part in ("data", "stringData") for key in found.get(part) or {}}

    def has(self, kind: str, name: str) -> bool:
        """Return whether something is there."""
        return (kind, name) in self._named

    def selected(self, labels: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the workloads whose pods have all the labels."""
        return [
            found
            for found in self.workloads
            if labels.items() <= found["spec"]["template"]["metadata"]["labels"].items()
        ]


def of_workload(manifest: Manifest, workload: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong about a workload, its volumes and its containers."""
    name, spec = titled(workload), workload["spec"]
    pod = spec["template"]["spec"]
    if workload not in manifest.selected(spec["selector"]["matchLabels"]):
        yield f"{name} does not select its own pods"
    if "serviceName" in spec and not manifest.has("Service", spec["serviceName"]):
        yield f"{name} is served by {spec['serviceName']}, which is no Service"
    volumes = {volume["name"] for volume in pod.get("volumes", ())}
    volumes |= {claim["metadata"]["name"] for claim in spec.get("volumeClaimTemplates", ())}
    for volume in pod.get("volumes", ()):
        if "configMap" in volume:
            yield from of_source(manifest, name, "ConfigMap", volume["configMap"])
        if "secret" in volume:
            named = {"name": volume["secret"]["secretName"]}
            yield from of_source(manifest, name, "Secret", named)
    for container in (*pod.get("initContainers", ()), *pod["containers"]):
        yield from of_container(manifest, f"{name}[{container['name']}]", container, volumes)


def of_container(
    manifest: Manifest, name: str, container: dict[str, Any], volumes: set[str]
) -> Iterator[str]:
    """Yield what is wrong about a container."""
    for mount in container.get("volumeMounts", ()):
        if mount["name"] not in volumes:
            yield f"{name} mounts {mount['name']}, which is no volume"
    sources = [variable.get("valueFrom", {}) for variable in container.get("env", ())]
    for source in (*sources, *container.get("envFrom", ())):
        for word, reference in source.items():
            if word in SOURCES:
                yield from of_source(manifest, name, SOURCES[word], reference)
    ports = {port["name"] for port in container.get("ports", ())}
    for probe in PROBES:
        for action in ACTIONS:
            port = container.get(probe, {}).get(action, {}).get("port")
            if isinstance(port, str) and port not in ports:
                yield f"{name} is asked at {port}, which is none of its ports"
    names = [variable["name"] for variable in container.get("env", ())]
    yield from (f"{name} is told {variable} twice" for variable in sorted(twice(names)))


def of_source(
    manifest: Manifest, name: str, kind: str, reference: Mapping[str, Any]
) -> Iterator[str]:
    """Yield what is wrong about a reference to a Secret or a ConfigMap."""
    named, key = reference["name"], reference.get("key")
    if reference.get("optional") or (kind == "Secret" and named in ELSEWHERE):
        return
    keys = manifest.keys(kind, named)
    if keys is None:
        yield f"{name} reads {kind}/{named}, which is not there"
    elif key is not None and key not in keys:
        yield f"{name} reads {key} of {kind}/{named}, which has {', '.join(sorted(keys))}"


def of_target(manifest: Manifest, document: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong about what selects pods, or scales a workload."""
    name, spec = titled(document), document.get("spec") or {}
    target = spec.get("scaleTargetRef")
    if target and not manifest.has(target.get("kind", "Deployment"), target["name"]):
        yield f"{name} scales {target['name']}, which is not there"
    for selector in selectors(document["kind"], spec):
        if not manifest.selected(selector):
            yield f"{name} selects no pod by {selector}"
    if document["kind"] == "Service":
        for workload in manifest.selected(spec["selector"]):
            containers = workload["spec"]["template"]["spec"]["containers"]
            ports = {port["name"] for found in containers for port in found.get("ports", ())}
            for port in spec["ports"]:
                if port["targetPort"] not in ports:
                    yield f"{name} leads to {port['targetPort']}, no port of {titled(workload)}"


def selectors(kind: str, spec: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield the labels by which a document selects pods."""
    if kind == "Service":
        yield spec["selector"]
    if kind == "PodDisruptionBudget":
        yield spec["selector"]["matchLabels"]
    if kind == "NetworkPolicy":
        peers = [
            *(peer for rule in spec.get("ingress", ()) for peer in rule.get("from", ())),
            *(peer for rule in spec.get("egress", ()) for peer in rule.get("to", ())),
        ]
        for found in (spec["podSelector"], *(peer.get("podSelector", {}) for peer in peers)):
            yield found.get("matchLabels", {})
            for expression in found.get("matchExpressions", ()):
                yield from ({expression["key"]: value} for value in expression["values"])


def titled(document: dict[str, Any]) -> str:
    """Return kind and name."""
    return f"{document['kind']}/{document['metadata']['name']}"


def twice(items: list[Item]) -> set[Item]:
    """Return what is in a list more than once."""
    return {item for item in items if items.count(item) > 1}
