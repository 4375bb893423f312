"""What is generated from the contract is what is committed, and runs with what is installed."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import requires, version
from pathlib import Path

from packaging.requirements import Requirement

import facesvg.v1.gateway_pb2_grpc

ROOT = Path(__file__).resolve().parents[2]


def needed(package: str) -> Requirement:
    found = [Requirement(text) for text in requires("facesvg") or ()]
    return next(r for r in found if r.name == package)


def test_committed_stubs_follow_from_the_contract() -> None:
    result = subprocess.run(
        [sys.executable, "protos/generate.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr


def test_the_oldest_allowed_grpcio_accepts_the_stubs() -> None:
    generated_with = facesvg.v1.gateway_pb2_grpc.GRPC_GENERATED_VERSION

    assert str(needed("grpcio").specifier) == f">={generated_with}"


def test_the_oldest_allowed_protobuf_accepts_the_stubs() -> None:
    text = (ROOT / "protos/gen/python/facesvg/v1/gateway_pb2.py").read_text()
    found = re.search(r"Protobuf Python Version: ([\d.]+)", text)

    assert found is not None
    assert str(needed("protobuf").specifier) == f">={found[1]}"


def test_the_compiler_is_the_one_the_stubs_were_made_with() -> None:
    assert version("grpcio-tools") == facesvg.v1.gateway_pb2_grpc.GRPC_GENERATED_VERSION
