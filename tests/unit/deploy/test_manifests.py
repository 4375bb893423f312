"""The files of the deployment agree with one another and with the suite; no tool is needed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deploy.k8s import rules
from services import __version__

REPOSITORY = Path(__file__).resolve().parents[3]
COMPOSE = REPOSITORY / "deploy" / "compose"
KUBERNETES = REPOSITORY / "deploy" / "k8s"
SERVICES = ("gateway", "processor", "cache")
OTHERS = {"POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB", "POSTGRES_PASSWORD_FILE", "PGDATA"}
"""What the images of others are told."""

FOREIGN = ("GF_", "DATA_SOURCE_", "REDIS_ADDR", "REDIS_USER", "REDIS_PASSWORD")
"""How the variables of Grafana and the exporters begin."""

OURS = {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "REVISION", "VERSION", "FACESVG_VERSION"}
"""What is Python's own or the build's."""


def known() -> set[str]:
    example = (REPOSITORY / ".env.example").read_text()
    return set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE))


def manifests() -> list[Path]:
    return [path for path in KUBERNETES.rglob("*.yaml") if path.name != "kustomization.yaml"]


def tags() -> dict[str, str]:
    text = (KUBERNETES / "images" / "kustomization.yaml").read_text()
    return dict(re.findall(r"name: (\S+), newTag: (\S+) }", text))


def test_kubernetes_has_its_tags_in_one_place() -> None:
    images = {
        found
        for path in manifests()
        for found in re.findall(r"^ *image: (\S+)", path.read_text(), re.MULTILINE)
    }

    assert images == set(tags())  # and none of them with a tag


def test_compose_and_kubernetes_run_the_same_images() -> None:
    text = "".join(path.read_text() for path in COMPOSE.glob("*.yaml"))
    images = dict(re.findall(r"^ *image: ([a-z/]+):(\S+)$", text, re.MULTILINE))
    own = {name: tag for name, tag in tags().items() if name.startswith("facesvg/")}
    others = {name: tag for name, tag in images.items() if not name.startswith("facesvg/")}

    assert own == dict.fromkeys(own, __version__)
    assert {images[name] for name in own} == {f"${{FACESVG_VERSION:-{__version__}}}"}
    assert {name: tag for name, tag in tags().items() if name in others}.items() <= others.items()


def test_every_overlay_takes_its_tags_from_there_last() -> None:
    for path in (KUBERNETES / "overlays").glob("*/kustomization.yaml"):
        components = path.read_text().split("components:\n")[1]
        listed = re.findall(r"^- (\S+)$", components, re.MULTILINE)
        assert listed[0] == "../../base"
        assert listed[listed.index("../../images") :] == ["../../images"]


def test_every_variable_of_kubernetes_is_a_setting() -> None:
    settings = (KUBERNETES / "base" / "settings.env").read_text()
    said = set(re.findall(r"^([A-Z_]+)=", settings, re.MULTILINE))
    for path in KUBERNETES.rglob("*.yaml"):
        said |= set(re.findall(r"\{ name: ([A-Z_]+),", path.read_text()))

    assert said - OTHERS <= known()


def test_every_variable_of_compose_is_a_setting() -> None:
    said = set()
    for path in COMPOSE.glob("*.yaml"):
        text = re.sub(r"#.*", "", path.read_text())
        said |= set(re.findall(r"\b([A-Z][A-Z_]+[A-Z]): ", text))
        said |= set(re.findall(r"\$\{([A-Z_]+)", text))
    said = {name for name in said - OTHERS - OURS if "_" in name and not name.startswith(FOREIGN)}

    assert {name for name in said if not {name, name.removesuffix("_FILE")} & known()} == set()


@pytest.mark.parametrize("service", SERVICES)
def test_the_ports_are_those_of_the_suite(service: str) -> None:
    example = (REPOSITORY / ".env.example").read_text()
    dockerfile = (REPOSITORY / "deploy" / "docker" / "Dockerfile").read_text()
    manifest = (KUBERNETES / "base" / f"{service}.yaml").read_text()
    compose = (COMPOSE / "compose.yaml").read_text()
    name = service.upper()
    found = re.search(rf"^{name}_PORT=(\d+)$", example, re.MULTILINE)
    metrics = re.search(rf"^{name}_METRICS_PORT=(\d+)$", example, re.MULTILINE)
    assert found is not None
    assert metrics is not None

    assert f"EXPOSE {found[1]} {metrics[1]}" in dockerfile
    assert f"{name}_PORT={found[1]} {name}_METRICS_PORT={metrics[1]}" in dockerfile
    assert f"name: grpc, containerPort: {found[1]}" in manifest
    assert f"name: metrics, containerPort: {metrics[1]}" in manifest
    assert f'{name}_PORT: "{found[1]}"' in compose


@pytest.mark.parametrize("path", manifests(), ids=lambda path: path.stem)
def test_every_container_is_closed(path: Path) -> None:
    text = path.read_text()
    containers = len(re.findall(r"^ *image: ", text, re.MULTILINE))

    assert text.count("allowPrivilegeEscalation: false") == containers
    assert text.count("limits: { memory: ") == containers
    if path.parent.name != "dev":  # the images of Postgres and Redis begin as root
        assert text.count("readOnlyRootFilesystem: true") == containers
        assert text.count("capabilities: { drop: [ ALL ] }") == containers


@pytest.mark.parametrize("service", SERVICES)
def test_a_pod_outlives_the_grace_of_its_calls(service: str) -> None:
    manifest = (KUBERNETES / "base" / f"{service}.yaml").read_text()
    settings = (KUBERNETES / "base" / "settings.env").read_text()
    within = re.search(r"terminationGracePeriodSeconds: (\d+)", manifest)
    pause = re.search(r'\[ sleep, "(\d+)" \]', manifest)
    grace = re.search(r"^SHUTDOWN_GRACE_SECONDS=(\d+)$", settings, re.MULTILINE)
    assert within is not None
    assert pause is not None
    assert grace is not None

    assert int(within[1]) > int(pause[1]) + int(grace[1])


def test_compose_waits_only_for_what_tells_its_health() -> None:
    text = (COMPOSE / "compose.yaml").read_text()
    waited = set(re.findall(r"(\w+): { condition: service_healthy }", text))
    own_check = {"gateway", "processor", "worker", "cache"}  # in their images

    for name in waited - own_check:
        block = text.split(f"\n  {name}:\n")[1]
        assert "healthcheck:" in re.split(r"\n  \w+:\n", block)[0]


def test_actions_are_pinned_to_a_commit() -> None:
    for path in (REPOSITORY / ".github" / "workflows").glob("*.yml"):
        used = re.findall(r"uses: (\S+)", path.read_text())
        assert used
        assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", name) for name in used)


def test_probes_show_a_certificate_where_services_ask_for_one() -> None:
    component = (KUBERNETES / "components" / "mtls" / "kustomization.yaml").read_text()

    for service in SERVICES:
        assert "grpc: {" in (KUBERNETES / "base" / f"{service}.yaml").read_text()
        assert (
            f"exec: {{ command: [ python, -m, services.runtime.probe, {service} ] }}" in component
        )


def test_production_asks_for_keys() -> None:
    overlay = (KUBERNETES / "overlays" / "production" / "kustomization.yaml").read_text()
    component = (KUBERNETES / "components" / "keys" / "kustomization.yaml").read_text()

    assert "\n- ../../components/keys\n" in overlay
    assert "components/open" not in overlay
    assert "- AUTH=keys\n" in component
    assert "AUTH=" not in (KUBERNETES / "base" / "settings.env").read_text()


def test_kubernetes_has_the_alerts_of_prometheus() -> None:
    assert rules.WRITTEN.read_text() == rules.manifest(), "run `make alerts`"
