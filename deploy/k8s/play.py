"""Runs an overlay's pods under Podman, without a cluster: `make play`.

Starts every workload of `overlays/dev` as a pod, asks its probes until they pass, draws a face
through the pod of Envoy, and removes everything. Needs Podman 4.3 or newer, as root, and the images
in its store; those of the suite are copied out of Docker's.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import grpc
import yaml
from grpc_health.v1 import health_pb2, health_pb2_grpc

from deploy.checking import kubernetes
from deploy.compose import smoke
from deploy.k8s import pods
from deploy.local.errors import StackError

if TYPE_CHECKING:
    from collections.abc import Iterator

NETWORK = "facesvg-play"
PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
PATIENCE_SECONDS = 90
PAUSE_SECONDS = 0.5
DOOR_PORT = 8000


class Failed(Exception):
    """A program, or a pod, did not do what it is for."""


def main() -> None:
    """Play the overlay for work; raises for what does not come up."""
    built = [*kubernetes.builder(), str(kubernetes.FOLDER / "overlays" / "dev")]
    documents = [found for found in yaml.safe_load_all(output(built)) if found]
    known = pods.said(documents)
    workloads = pods.workloads(documents)
    for image in sorted({image for workload in workloads for image in images(workload)}):
        copied(image)
    with network():
        for workload in workloads:
            with_names = ",".join(f"alias={name}" for name in pods.names(workload, documents))
            manifest = yaml.safe_dump(pods.pod(workload, known))
            podman("kube", "play", "--network", f"{NETWORK}:{with_names}", "-", told=manifest)
        addresses = {name: address(name) for name in map(title, workloads)}
        for workload in workloads:
            asked(workload, addresses[title(workload)])
        smoke.main(f"http://{addresses['envoy']}:{DOOR_PORT}")


def asked(workload: dict[str, Any], host: str) -> None:
    """Ask every probe of a workload until it passes."""
    for container in workload["spec"]["template"]["spec"]["containers"]:
        ports = {port["name"]: port["containerPort"] for port in container.get("ports", ())}
        for word in PROBES:
            if word in container:
                until(f"{title(workload)}: {word}", container[word], host, ports)


def until(about: str, probe: dict[str, Any], host: str, ports: dict[str, int]) -> None:
    """Ask a probe until it passes, and say so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    pod = about.partition(":")[0]
    while (wrong := failure(probe, pod, host, ports)) is not None:
        if time.monotonic() > deadline:
            raise SystemExit(
                f"FAIL  {about}: {wrong}\n{podman('pod', 'logs', '--tail', '20', pod)}"
            )
        time.sleep(PAUSE_SECONDS)
    print(f"PASS  {about}")


def failure(probe: dict[str, Any], pod: str, host: str, ports: dict[str, int]) -> str | None:
    """Return what a probe finds wrong."""
    try:
        if "exec" in probe:
            podman("exec", f"{pod}-{pod}", *probe["exec"]["command"])
        elif "tcpSocket" in probe:
            port = probe["tcpSocket"]["port"]
            socket.create_connection((host, ports.get(port, port)), 2).close()
        elif "httpGet" in probe:
            port, path = probe["httpGet"]["port"], probe["httpGet"]["path"]
            url = f"http://{host}:{ports.get(port, port)}{path}"
            urllib.request.urlopen(url, timeout=2).close()
        else:
            return health(f"{host}:{probe['grpc']['port']}")
    except (OSError, Failed, grpc.RpcError) as error:
        return str(error)
    return None


def health(target: str) -> str | None:
    """Return what `grpc.health.v1` says, unless it serves."""
    with grpc.insecure_channel(target) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        state = stub.Check(health_pb2.HealthCheckRequest(), timeout=2).status
    serving = health_pb2.HealthCheckResponse.SERVING
    return None if state == serving else health_pb2.HealthCheckResponse.ServingStatus.Name(state)


@contextmanager
def network() -> Iterator[None]:
    """Give the network of the pods; they and it are removed afterwards."""
    podman("network", "create", NETWORK)
    try:
        yield
    finally:
        listed = json.loads(
            podman("pod", "ls", "--filter", f"network={NETWORK}", "--format", "json")
        )
        for found in listed:
            podman("pod", "rm", "--force", "--time", "5", found["Name"])
        podman("network", "rm", "--force", NETWORK)


def copied(image: str) -> None:
    """Copy an image out of Docker's store: of the suite's own each time, of others once."""
    try:
        podman("image", "exists", image)
        if not image.startswith("facesvg/"):
            return
    except Failed:
        pass
    with tempfile.TemporaryDirectory() as folder:
        archive = f"{folder}/image.tar"
        output(["docker", "save", "--output", archive, image])
        podman("load", "--quiet", "--input", archive)


def images(workload: dict[str, Any]) -> Iterator[str]:
    """Yield the images of a workload."""
    spec = workload["spec"]["template"]["spec"]
    for container in (*spec.get("initContainers", ()), *spec["containers"]):
        yield container["image"]


def address(pod: str) -> str:
    """Return the address of a pod in the network."""
    infra = podman("pod", "inspect", pod, "--format", "{{.InfraContainerID}}").strip()
    told = json.loads(podman("inspect", infra))[0]
    return str(told["NetworkSettings"]["Networks"][NETWORK]["IPAddress"])


def title(workload: dict[str, Any]) -> str:
    """Return the name of a workload, which is that of its pod."""
    return str(workload["metadata"]["name"])


def podman(*words: str, told: str = "") -> str:
    """Return what Podman says."""
    return output(["podman", *words], told)


def output(command: list[str], told: str = "") -> str:
    """Return what a program says; raises `Failed`."""
    done = subprocess.run(command, input=told, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"{' '.join(command)}: {done.stderr.strip()[-500:]}")
    return done.stdout


if __name__ == "__main__":
    try:
        main()
    except (Failed, StackError) as error:
        sys.exit(f"FAIL  {error}")
