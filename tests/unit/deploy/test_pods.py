"""A workload's pod has all that Podman needs, and nothing that only a cluster has."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from deploy.k8s import pods

MANIFEST = """
kind: Deployment
metadata: { name: cache }
spec:
  template:
    metadata: { labels: { name: cache, part-of: facesvg } }
    spec:
      enableServiceLinks: false
      initContainers:
      - { name: migrate, image: facesvg/cache, envFrom: [ { secretRef: { name: database } } ] }
      containers:
      - name: cache
        image: facesvg/cache
        envFrom: [ { configMapRef: { name: facesvg } } ]
        env:
        - { name: LOG_LEVEL, value: DEBUG }
        - { name: URL, valueFrom: { secretKeyRef: { name: database, key: DATABASE_URL } } }
        - { name: READ, valueFrom: { secretKeyRef: { name: database, key: READ, optional: true } } }
        ports: [ { name: grpc, containerPort: 50053 } ]
        readinessProbe: { grpc: { port: 50053 } }
---
kind: StatefulSet
metadata: { name: postgres }
spec:
  template:
    metadata: { labels: { name: postgres } }
    spec: { containers: [ { name: postgres, image: postgres } ] }
  volumeClaimTemplates: [ { metadata: { name: data }, spec: {} } ]
---
{ kind: ConfigMap, metadata: { name: facesvg }, data: { LOG_LEVEL: INFO, LOG_FORMAT: json } }
---
{ kind: Secret, metadata: { name: database }, data: { DATABASE_URL: aGVyZQ== } }
---
{ kind: Service, metadata: { name: cache-headless }, spec: { selector: { name: cache } } }
---
{ kind: Service, metadata: { name: postgres }, spec: { selector: { name: postgres } } }
"""


@pytest.fixture
def documents() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(MANIFEST))


def test_databases_start_first(documents: list[dict[str, Any]]) -> None:
    started = pods.workloads(documents)

    assert [workload["metadata"]["name"] for workload in started] == ["postgres", "cache"]


def test_a_pod_is_found_by_the_services_that_lead_to_it(documents: list[dict[str, Any]]) -> None:
    assert pods.names(documents[0], documents) == ["cache-headless"]


def test_a_container_is_told_all_in_so_many_words(documents: list[dict[str, Any]]) -> None:
    spec = pods.pod(documents[0], pods.said(documents))["spec"]

    assert spec["initContainers"][0]["env"] == [{"name": "DATABASE_URL", "value": "here"}]
    assert spec["containers"][0]["env"] == [
        {"name": "LOG_LEVEL", "value": "DEBUG"},
        {"name": "LOG_FORMAT", "value": "json"},
        {"name": "URL", "value": "here"},
    ]


def test_a_key_that_no_secret_has_is_an_error(documents: list[dict[str, Any]]) -> None:
    del documents[3]["data"]["DATABASE_URL"]

    with pytest.raises(KeyError, match="DATABASE_URL"):
        pods.pod(documents[0], pods.said(documents))


def test_what_only_a_cluster_does_is_left_out(documents: list[dict[str, Any]]) -> None:
    spec = pods.pod(documents[0], pods.said(documents))["spec"]

    assert spec["restartPolicy"] == "OnFailure"
    assert set(spec) == {"initContainers", "containers", "restartPolicy"}
    assert set(spec["containers"][0]) == {"name", "image", "imagePullPolicy", "env"}
    assert "readinessProbe" in documents[0]["spec"]["template"]["spec"]["containers"][0]


def test_a_claim_is_a_new_volume(documents: list[dict[str, Any]]) -> None:
    spec = pods.pod(documents[1], pods.said(documents))["spec"]

    assert spec["volumes"] == [{"name": "data", "emptyDir": {}}]
