"""The checks of the deployment find what is wrong; a check that cannot fail checks nothing."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from deploy.checking import compose, kubernetes, resources
from deploy.checking.references import wrong
from deploy.checking.tools import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable

MANIFEST = """
kind: Deployment
metadata: { name: cache }
spec:
  selector: { matchLabels: { name: cache } }
  template:
    metadata: { labels: { name: cache } }
    spec:
      containers:
      - name: cache
        envFrom: [ { configMapRef: { name: facesvg } } ]
        env:
        - { name: DATABASE_URL, valueFrom: { secretKeyRef: { name: database, key: DATABASE_URL } } }
        - { name: READ, valueFrom: { secretKeyRef: { name: database, key: READ, optional: true } } }
        ports: [ { name: grpc, containerPort: 50053 } ]
        livenessProbe: { tcpSocket: { port: grpc } }
        volumeMounts: [ { name: tmp, mountPath: /tmp } ]
      volumes: [ { name: tmp, emptyDir: {} }, { name: tls, secret: { secretName: suite-mtls } } ]
---
{ kind: ConfigMap, metadata: { name: facesvg }, data: { LOG_LEVEL: INFO } }
---
{ kind: Secret, metadata: { name: database }, stringData: { DATABASE_URL: there } }
---
kind: Service
metadata: { name: cache }
spec: { selector: { name: cache }, ports: [ { port: 50053, targetPort: grpc } ] }
---
kind: HorizontalPodAutoscaler
metadata: { name: cache }
spec: { scaleTargetRef: { kind: Deployment, name: cache } }
---
kind: NetworkPolicy
metadata: { name: within }
spec:
  podSelector: {}
  ingress: [ { from: [ { podSelector: { matchLabels: { name: cache } } } ] } ]
"""


def manifest() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(MANIFEST))


def container(documents: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = documents[0]["spec"]["template"]["spec"]["containers"][0]
    return found


def test_a_manifest_that_holds_together_is_right() -> None:
    assert wrong(manifest()) == []


@pytest.mark.parametrize(
    ("breaking", "said"),
    [
        (lambda all_: all_.append(copy.deepcopy(all_[1])), "ConfigMap/facesvg is there twice"),
        (lambda all_: all_.pop(1), "Deployment/cache[cache] reads ConfigMap/facesvg, which is"),
        (
            lambda all_: all_[2]["stringData"].update({"URL": all_[2]["stringData"].popitem()[1]}),
            "Deployment/cache[cache] reads DATABASE_URL of Secret/database, which has URL",
        ),
        (
            lambda all_: all_[0]["spec"]["selector"]["matchLabels"].update(name="cash"),
            "Deployment/cache does not select its own pods",
        ),
        (
            lambda all_: container(all_)["volumeMounts"].append({"name": "data"}),
            "Deployment/cache[cache] mounts data, which is no volume",
        ),
        (
            lambda all_: container(all_)["livenessProbe"]["tcpSocket"].update(port="http"),
            "Deployment/cache[cache] is asked at http, which is none of its ports",
        ),
        (
            lambda all_: container(all_)["env"].append({"name": "READ"}),
            "Deployment/cache[cache] is told READ twice",
        ),
        (
            lambda all_: all_[3]["spec"]["ports"][0].update(targetPort="http"),
            "Service/cache leads to http, no port of Deployment/cache",
        ),
        (
            lambda all_: all_[3]["spec"]["selector"].update(name="cash"),
            "Service/cache selects no pod by {'name': 'cash'}",
        ),
        (
            lambda all_: all_[4]["spec"]["scaleTargetRef"].update(name="cash"),
            "HorizontalPodAutoscaler/cache scales cash, which is not there",
        ),
        (
            lambda all_: all_[5]["spec"]["ingress"][0]["from"][0]["podSelector"].update(
                matchLabels={"name": "cash"}
            ),
            "NetworkPolicy/within selects no pod by {'name': 'cash'}",
        ),
    ],
)
def test_what_is_named_and_is_not_there_is_told(
    breaking: Callable[[list[dict[str, Any]]], None], said: str
) -> None:
    documents = manifest()

    breaking(documents)

    assert any(sentence.startswith(said) for sentence in wrong(documents)), wrong(documents)


def test_every_component_is_built_with_some_overlay() -> None:
    folders = {path.parent.name for path in kubernetes.FOLDER.glob("components/*/*.yaml")}
    overlays = [
        path.read_text() for path in kubernetes.FOLDER.glob("overlays/*/kustomization.yaml")
    ]
    always = {
        name for name in folders if any(f"\n- ../../components/{name}\n" in t for t in overlays)
    }
    chosen = {name for way in kubernetes.ways() for name in way.components}

    assert always | chosen == folders


def test_every_compose_file_is_part_of_a_combination() -> None:
    files = {path.name for path in (REPOSITORY / compose.FOLDER).glob("compose*.yaml")}

    assert {name for names in compose.combinations() for name in names} == files


def test_a_definition_refuses_what_it_does_not_name() -> None:
    schema = {"properties": {"spec": {"properties": {"a": {}}}}, "items": [{"properties": {}}]}

    assert resources.closed(schema) == {
        "properties": {
            "spec": {"properties": {"a": {}}, "additionalProperties": False},
        },
        "additionalProperties": False,
        "items": [{"properties": {}, "additionalProperties": False}],
    }


def test_a_definition_that_keeps_what_it_does_not_name_is_left_open() -> None:
    schema = {"properties": {"a": {}}, "x-kubernetes-preserve-unknown-fields": True}

    assert resources.closed(schema) == schema
