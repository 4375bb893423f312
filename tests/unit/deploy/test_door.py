from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from string import Template

import pytest

from deploy.envoy.door import TEMPLATE, Door, render
from deploy.envoy.replies import OTHER, REPLIES
from deploy.envoy.variables import chosen
from deploy.local import tools
from facesvg.v1.error_reason_pb2 import ErrorReason
from services.runtime.settings import Env


@pytest.mark.parametrize(
    "door",
    [
        Door(),
        Door(
            listen_host="0.0.0.0",  # noqa: S104 - not bound
            gateways=("gateway-1:50051", "gateway-2:50051"),
            cors_origins=("https://a.example", "https://b.example"),
            figures_port=9105,
        ),
    ],
    ids=["defaults", "several gateways by name"],
)
def test_envoy_accepts_the_configuration(door: Door, tmp_path: Path) -> None:
    configuration = tmp_path / "envoy.yaml"
    configuration.write_text(render(door))

    done = subprocess.run(
        [tools.envoy(), "--mode", "validate", "--config-path", configuration],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "deprecated" not in done.stderr.lower()


def test_every_variable_of_the_template_can_be_chosen() -> None:
    variables = set(Template(TEMPLATE.read_text()).get_identifiers())

    assert variables == (
        {field.name for field in fields(Door)}
        | {
            "local_replies",
            "downstream_tls",
            "upstream_tls",
            "token_filters",
            "token_tenant",
            "figures_listeners",
            "figures_clusters",
        }
    ) - {"tls", "mtls", "jwt", "figures_port"}


def test_every_reason_of_the_door_is_part_of_the_contract() -> None:
    reasons = {f"ERROR_REASON_{reply.reason}" for reply in REPLIES + OTHER}

    assert reasons <= set(ErrorReason.keys())


def test_configuration_can_be_printed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.envoy", "--gateways", "a:1", "b:2"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == render(Door(gateways=("a:1", "b:2")))


def test_configuration_is_laid_with_the_contract_it_reads(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "deploy.envoy", "--into", tmp_path, "--cors-origins", "a,b"],
        check=True,
    )

    descriptor = tmp_path / "facesvg.binpb"
    expected = Door(cors_origins=("a", "b"), descriptor=str(descriptor))
    assert (tmp_path / "envoy.yaml").read_text() == render(expected)
    assert descriptor.read_bytes() == Path(Door().descriptor).read_bytes()


def test_variables_are_what_stands_without_options() -> None:
    said = {"CORS_ORIGINS": "https://a, https://b", "DOOR_IDLE_SECONDS": "7.5"}

    door = chosen(Env(said))

    assert door == Door(cors_origins=("https://a", "https://b"), idle_timeout="7.5s")


def test_a_bad_variable_is_told_in_one_sentence() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.envoy"],
        env={**os.environ, "RATE_LIMIT_PER_SECOND": "many"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith("door: RATE_LIMIT_PER_SECOND='many'")
    assert done.stderr.count("\n") == 1
