"""One id that leads through the logs of every part, and is in every error answer."""

from __future__ import annotations

import json
import uuid
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest
from faces import face, fresh

from services import __version__

if TYPE_CHECKING:
    from suite import Suite

HOPPER = face("hopper")
FOREIGN = ("libpng ", "Worker with PID ")
"""What goes to stderr as it is: libpng on a damaged file, Dramatiq on a process that died."""
# Envoy writes its log every ten seconds, and after 64 KiB.
PARTS = ("gateway", "processor", "worker", "cache", "envoy")


def lines(suite: Suite, part: str, request_id: str) -> list[dict[str, Any]]:
    """Return what a part's log says of a request."""
    text = suite.stack.layout.log(part).read_text(errors="replace")
    return [json.loads(line) for line in text.splitlines() if request_id in line]


def written(suite: Suite, part: str, request_id: str) -> list[dict[str, Any]]:
    """Return the same once there is something."""
    return suite.until(lambda: lines(suite, part, request_id), bool)


def test_one_id_leads_through_the_logs_of_every_part(suite: Suite) -> None:
    request_id = f"leads-{uuid.uuid4()}"
    headers = {"x-request-id": request_id}

    task = suite.submit(HOPPER.files, params={"min_area": 5}, headers=headers)
    suite.finished(task["task_id"])

    suite.until(lambda: lines(suite, "worker", request_id), lambda told: len(told) > 1)
    found = {part: written(suite, part, request_id) for part in PARTS}
    assert all(line["request_id"] == request_id for told in found.values() for line in told)
    assert {line["message"] for line in found["worker"]} >= {"task begun", "task done"}
    assert "cache miss" in {line["message"] for line in found["gateway"]}
    assert {line["task_id"] for line in found["worker"]} == {task["task_id"]}
    [ended] = [line for line in found["gateway"] if line["message"] == "call ended"]
    assert (ended["endpoint"], ended["status"]) == ("POST /api/v1/frontal/crop/submit", "OK")
    assert ip_address(ended["client"])  # not the door's, which has a port


@pytest.mark.parametrize("part", ["gateway", "processor", "cache", "worker"])
def test_every_line_is_one_object(suite: Suite, part: str) -> None:
    text = suite.stack.layout.log(part).read_text().rpartition("\n")[0]  # the last may be half

    assert text
    assert [line for line in text.splitlines() if not line.startswith(("{", *FOREIGN))] == []


@pytest.mark.parametrize("part", ["gateway", "processor", "cache", "worker"])
def test_a_part_says_where_it_serves(suite: Suite, part: str) -> None:
    told = lines(suite, part, '"message": "serving"')

    assert {(line["service"], line["version"]) for line in told} == {(part, __version__)}
    assert all(line["address"].startswith(("grpc://", "redis://", "unix:")) for line in told)


def test_a_hit_and_a_miss_tell_their_time(suite: Suite) -> None:
    photo, ids = fresh(HOPPER, 801), (f"miss-{uuid.uuid4()}", f"hit-{uuid.uuid4()}")

    for request_id in ids:
        task = suite.submit(photo.files, headers={"x-request-id": request_id})
        suite.finished(task["task_id"])

    for request_id in ids:
        [line] = [
            line
            for line in written(suite, "gateway", request_id)
            if line["message"] == f"cache {request_id.split('-')[0]}"
        ]
        assert line["ms"] > 0
        assert line["task_id"] == task["task_id"]


@pytest.mark.parametrize("path", ["/api/v1/frontal/crop/status/unknown", "/no/such/path"])
def test_an_error_tells_the_id_of_its_request(suite: Suite, path: str) -> None:
    answer = suite.rest.get(path, headers={"x-request-id": "wrong-7"})

    [info] = [d for d in answer.json()["details"] if d["@type"].endswith("ErrorInfo")]
    assert info["metadata"]["request_id"] == "wrong-7"
    assert answer.headers["x-request-id"] == "wrong-7"
