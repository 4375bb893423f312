"""The OpenAPI document is valid and says what the contract says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from google.api import annotations_pb2
from openapi_spec_validator import validate

from facesvg.v1 import gateway_pb2, mask_pb2

ROOT = Path(__file__).resolve().parents[2]
SUBMIT = "/api/v1/frontal/crop/submit"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(
        (ROOT / "protos/gen/python/facesvg/openapi.json").read_text()
    )
    return loaded


def test_it_is_valid(document: dict[str, Any]) -> None:
    validate(document)


def test_it_has_every_route(document: dict[str, Any]) -> None:
    service = gateway_pb2.DESCRIPTOR.services_by_name["GatewayService"]
    rules = [method.GetOptions().Extensions[annotations_pb2.http] for method in service.methods]
    annotated = {
        (verb, getattr(rule, verb)) for rule in rules if (verb := rule.WhichOneof("pattern"))
    }

    assert {
        (verb, path) for path, verbs in document["paths"].items() for verb in verbs
    } == annotated


@pytest.mark.parametrize("kind", ["multipart/form-data", "application/json"])
def test_a_submission_takes_the_parts_and_every_option(document: dict[str, Any], kind: str) -> None:
    schema = document["paths"][SUBMIT]["post"]["requestBody"]["content"][kind]["schema"]
    options = set(mask_pb2.DrawOptions.DESCRIPTOR.fields_by_name)

    assert set(schema["properties"]) == {"image", "landmarks", "segmentation_map"} | options


def test_options_have_their_bounds_and_defaults(document: dict[str, Any]) -> None:
    content = document["paths"][SUBMIT]["post"]["requestBody"]["content"]
    options = content["multipart/form-data"]["schema"]["properties"]

    assert options["trace"]["enum"] == ["exact", "polygon", "smooth"]
    assert options["trace"]["default"] == "smooth"
    assert (options["region_opacity"]["minimum"], options["region_opacity"]["maximum"]) == (0, 1)
    assert options["embed_image"]["default"] is False


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    operations = [verb for path in document["paths"].values() for verb in path.values()]

    assert all(operation["summary"] for operation in operations)


def test_no_client_says_whose_tasks_it_means(document: dict[str, Any]) -> None:
    operations = [verb for path in document["paths"].values() for verb in path.values()]

    named = {field["name"] for verb in operations for field in verb.get("parameters", ())}
    assert "page_token" in named
    assert "tenant" not in named
