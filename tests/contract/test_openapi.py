"""The OpenAPI document is valid, says what the contract says, and its examples keep to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from google.api import annotations_pb2
from google.protobuf import json_format
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from facesvg.v1 import cache_pb2, gateway_pb2, processor_pb2, task_pb2, webhook_pb2
from services.gateway import choices, faults
from services.gateway.access import keys, rules
from services.gateway.webhooks.outbox import body_of
from services.processor.faults import FAULTS as DRAWING_FAULTS
from services.runtime.faults import COMMON

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT: dict[str, Any] = json.loads((ROOT / "protos/gen/python/facesvg/openapi.json").read_text())
SUBMIT = "/api/v1/frontal/crop/submit"
FORM, JSON = "multipart/form-data", "application/json"

OPERATIONS: dict[str, dict[str, Any]] = {
    operation["operationId"]: operation
    for path in DOCUMENT["paths"].values()
    for operation in path.values()
}
ANSWERS = [
    pytest.param(code, kind, content, id=f"{name} {code} {kind}")
    for name, operation in OPERATIONS.items()
    for code, answer in operation["responses"].items()
    for kind, content in answer["content"].items()
]
WHILE_DRAWING = {"DRAWING_TOO_LARGE"}
"""Reasons that no call is answered with: they are those of tasks."""


def valid(schema: dict[str, Any], value: object) -> bool:
    whole = {**schema, "components": DOCUMENT["components"]}
    return bool(Draft202012Validator(whole).is_valid(value))


def examples(content: dict[str, Any]) -> list[Any]:
    named = [example["value"] for example in content.get("examples", {}).values()]
    return named or [content["example"]]


def body(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][SUBMIT]["post"]["requestBody"]["content"][kind]
    return found


def reasons(operation: dict[str, Any]) -> dict[str, set[str]]:
    return {
        code: set(answer["content"][JSON]["examples"])
        for code, answer in operation["responses"].items()
        if code != "200"
    }


def test_it_is_valid() -> None:
    validate(DOCUMENT)


def test_it_has_every_route() -> None:
    service = gateway_pb2.DESCRIPTOR.services_by_name["GatewayService"]
    written = [method.GetOptions().Extensions[annotations_pb2.http] for method in service.methods]
    annotated = {
        (verb, getattr(rule, verb)) for rule in written if (verb := rule.WhichOneof("pattern"))
    }

    assert {
        (verb, path) for path, verbs in DOCUMENT["paths"].items() for verb in verbs
    } == annotated


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_described_and_has_its_place(name: str) -> None:
    operation = OPERATIONS[name]

    assert operation["description"].startswith(operation["summary"].split()[0])
    assert not operation["summary"].endswith(".")
    assert "`" not in operation["summary"]
    assert len(operation["tags"]) == 1
    assert all(field["description"] for field in operation["parameters"])


@pytest.mark.parametrize("kind", [FORM, JSON])
def test_a_submission_takes_the_parts_and_every_option(kind: str) -> None:
    schema = body(kind)["schema"]

    assert set(schema["properties"]) == {"image", "landmarks", "segmentation_map", *choices.NAMES}


@pytest.mark.parametrize("name", ["SubmitForm", "Render"])
def test_options_may_stand_in_the_query_and_are_not_filled_in_there(name: str) -> None:
    [query] = [found for found in OPERATIONS[name]["parameters"] if found["in"] == "query"]

    assert query["explode"] is True
    assert set(query["schema"]["properties"]) == set(choices.NAMES)
    assert query["example"] == {}


def test_a_submission_alone_may_have_an_idempotency_key() -> None:
    named = {
        name
        for name, operation in OPERATIONS.items()
        if "Idempotency-Key" in [parameter["name"] for parameter in operation["parameters"]]
    }

    assert named == {"SubmitForm"}


def test_the_call_of_a_callback_url_is_described_as_it_is_made() -> None:
    [url] = OPERATIONS["SubmitForm"]["callbacks"]["taskEnded"].items()
    event = json_format.ParseDict(
        (content := url[1]["post"]["requestBody"]["content"][JSON])["example"],
        webhook_pb2.WebhookEvent(),
    )

    assert url[0] == "{$request.body#/callback_url}"
    assert valid(content["schema"], content["example"])
    assert json.loads(body_of(event)) == content["example"]


def test_options_have_their_bounds_and_defaults() -> None:
    options = body(FORM)["schema"]["properties"]

    assert options["trace"]["enum"] == ["exact", "polygon", "smooth"]
    assert options["trace"]["default"] == "smooth"
    assert (options["region_opacity"]["minimum"], options["region_opacity"]["maximum"]) == (0, 1)
    assert options["embed_image"]["default"] is False
    assert options["regions"]["type"] == "array"


def test_lists_in_a_query_are_joined_by_commas() -> None:
    [query] = OPERATIONS["Render"]["parameters"]
    regions = query["schema"]["properties"]["regions"]

    assert valid(regions, "nose,left_eye")
    assert not valid(regions, "nose,,left eye")


def test_the_example_of_a_submission_is_one() -> None:
    for example in examples(body(JSON)):
        assert valid(body(JSON)["schema"], example)
        assert len(example["landmarks"]) == 68


@pytest.mark.parametrize(("code", "kind", "content"), ANSWERS)
def test_an_example_of_an_answer_is_one(code: str, kind: str, content: dict[str, Any]) -> None:
    for example in examples(content):
        assert valid(content["schema"], example), (code, kind)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("SubmitForm", gateway_pb2.SubmitResponse),
        ("GetStatus", task_pb2.Task),
        ("ListTasks", cache_pb2.ListTasksResponse),
        ("ListRegions", processor_pb2.ListPresetsResponse),
        ("GetCacheStats", cache_pb2.CacheStats),
        ("CleanupCache", cache_pb2.CleanupResponse),
        ("GetHealth", gateway_pb2.GetHealthResponse),
        ("GetDatabaseHealth", gateway_pb2.GetDatabaseHealthResponse),
    ],
)
def test_an_example_is_a_message_of_the_contract(name: str, kind: Any) -> None:
    example = OPERATIONS[name]["responses"]["200"]["content"][JSON]["example"]

    assert json_format.ParseDict(example, kind())


def test_every_reason_that_a_client_can_meet_is_told_somewhere() -> None:
    told = {
        name for one in OPERATIONS.values() for names in reasons(one).values() for name in names
    }
    met = {
        fault.reason
        for table in (faults.FAULTS, DRAWING_FAULTS, COMMON)
        for fault in table.values()
    }

    assert met - told == WHILE_DRAWING


def test_only_what_can_be_missing_is_not_found() -> None:
    missing = {name for name, operation in OPERATIONS.items() if "404" in operation["responses"]}

    assert missing == {
        "FindByDigest",
        "GetStatus",
        "WatchTask",
        "GetSvg",
        "CancelTask",
        "DeleteTask",
    }


def test_what_asks_for_no_key_says_so() -> None:
    keyless = {name for name, operation in OPERATIONS.items() if operation.get("security") == []}
    refused = {
        name for name, operation in OPERATIONS.items() if "401" not in operation["responses"]
    }

    assert (
        keyless == refused == {name for name, scope in rules.METHODS.items() if scope == rules.OPEN}
    )


def test_what_is_for_operators_says_so() -> None:
    told = {
        name
        for name, operation in OPERATIONS.items()
        if "scope `admin`" in operation["description"]
    }

    assert told == {name for name, scope in rules.METHODS.items() if scope == keys.ADMIN}


def test_an_answer_with_a_number_missing_is_none() -> None:
    content = OPERATIONS["GetStatus"]["responses"]["200"]["content"][JSON]
    task = {**content["example"]}
    del task["progress"]

    assert not valid(content["schema"], task)


def test_no_client_says_whose_tasks_it_means() -> None:
    named = {field["name"] for one in OPERATIONS.values() for field in one["parameters"]}

    assert "page_token" in named
    assert "tenant" not in named


def test_links_lead_to_parameters_that_there_are() -> None:
    links = [
        link
        for operation in OPERATIONS.values()
        for link in operation["responses"]["200"].get("links", {}).values()
    ]

    assert len(links) > 20
    for link in links:
        known = {field["name"] for field in OPERATIONS[link["operationId"]]["parameters"]}
        assert set(link["parameters"]) <= known
