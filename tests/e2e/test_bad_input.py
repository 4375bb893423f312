"""Bad input gets one clear error at once; nothing is stored, nothing is queued."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from faces import bomb, face, heavy_png

if TYPE_CHECKING:
    from collections.abc import Iterator

    from suite import Suite

HOPPER = face("hopper")
PNG = face("astronaut").photo
SUBMIT = "/api/v1/frontal/crop/submit"
NOBODY = "00000000-0000-4000-8000-000000000000"

pytestmark = pytest.mark.e2e


def points(**changed: Any) -> bytes:
    landmarks = json.loads(HOPPER.landmarks)
    for index, value in changed.items():
        landmarks[int(index.lstrip("p"))] = value
    return json.dumps(landmarks).encode()


def shifted(x: float) -> bytes:
    return json.dumps(
        [{"x": p["x"] + x, "y": p["y"]} for p in json.loads(HOPPER.landmarks)]
    ).encode()


@pytest.fixture
def tasks_stay_as_they_are(suite: Suite) -> Iterator[None]:
    before = suite.task_ids()
    yield
    assert suite.task_ids() == before


@pytest.mark.usefixtures("tasks_stay_as_they_are")
@pytest.mark.parametrize(
    ("files", "options", "reason", "message"),
    [
        ({"image": None}, {}, "MISSING_PART", "image is missing"),
        ({"landmarks": None}, {}, "MISSING_PART", "landmarks is missing"),
        ({"photo": b"1"}, {}, "U", "photo"),
        ({"image": b"GIF89a not today"}, {}, "NOT_AN_IMAGE", "PNG, JPEG"),
        ({"image": b""}, {}, "NOT_AN_IMAGE", "image"),
        ({"image": PNG[: len(PNG) // 2]}, {}, "TRUNCATED_IMAGE", "truncated"),
        ({"image": HOPPER.photo[:-1000]}, {}, "TRUNCATED_IMAGE", "truncated"),
        ({"image": heavy_png(27)}, {}, "PART_TOO_LARGE", "26214400"),
        ({"image": bomb(20_000)}, {}, "TOO_MANY_PIXELS", "20000"),
        ({"landmarks": b"[[1, 2], [3, 4]]"}, {}, "LANDMARK_COUNT", "found 2"),
        ({"landmarks": points(p17={"x": float("nan"), "y": 1})}, {}, "INVALID_LANDMARK", "17"),
        ({"landmarks": points(p17={"x": "a", "y": 1})}, {}, "INVALID_LANDMARK", "17"),
        ({"landmarks": b"[]"}, {}, "NO_FACE", "landmarks"),
        ({"landmarks": shifted(5000)}, {}, "NO_FACE", "photo"),
        ({"landmarks": b"\x00\x01"}, {}, "UNREADABLE_LANDMARKS", "landmarks"),
        ({"segmentation_map": b"no map"}, {}, "INVALID_SEGMENTATION_MAP", "map"),
        ({}, {"region_opacity": "1.5"}, "INVALID_OPTION", "from 0 to 1"),
        ({}, {"region_opacity": "nan"}, "INVALID_OPTION", "from 0 to 1"),
        ({}, {"preset": "zones28"}, "INVALID_OPTION", "zones27"),
        ({}, {"opacity": "0.5"}, "UNKNOWN_OPTION", "region_opacity"),
        ({}, {"regions": "nostril"}, "UNKNOWN_REGION", "nostril"),
    ],
)
def test_a_bad_form_is_refused_with_its_reason(
    suite: Suite,
    files: dict[str, bytes | None],
    options: dict[str, str],
    reason: str,
    message: str,
) -> None:
    parts = {k: v for k, v in {**HOPPER.files, **files}.items() if v is not None}

    answer = suite.rest.post(SUBMIT, files=parts, data=options)

    assert_refused(answer, 400, reason, message)


@pytest.mark.usefixtures("tasks_stay_as_they_are")
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "TRUNCATED_UPLOAD"),
        (b"[]", "MALFORMED_REQUEST"),
        (b"{}", "MISSING_PART"),
        (b'{"image": "****", "landmarks": []}', "MALFORMED_REQUEST"),
        (b'{"image": 5, "landmarks": []}', "MALFORMED_REQUEST"),
        (b'{"image": "", "landmarks": [], "colour": 1}', "UNKNOWN_OPTION"),
    ],
)
def test_bad_json_is_refused_with_its_reason(suite: Suite, body: bytes, reason: str) -> None:
    answer = suite.rest.post(SUBMIT, content=body, headers={"content-type": "application/json"})

    assert_refused(answer, 400, reason)


def test_another_content_type_is_told_the_two_that_are_understood(suite: Suite) -> None:
    answer = suite.rest.post(SUBMIT, content=b"hi", headers={"content-type": "text/plain"})

    assert_refused(answer, 400, "MALFORMED_REQUEST", "multipart/form-data")


@pytest.mark.parametrize(
    ("method", "path", "status", "reason"),
    [
        ("GET", "/api/v1/nothing", 404, "NOT_FOUND"),
        ("PUT", SUBMIT, 405, "NOT_FOUND"),
        ("GET", f"/api/v1/frontal/crop/status/{NOBODY}", 404, "TASK_NOT_FOUND"),
        ("GET", f"/api/v1/frontal/crop/watch/{NOBODY}", 404, "TASK_NOT_FOUND"),
        ("GET", f"/api/v1/frontal/crop/svg/{NOBODY}", 404, "TASK_NOT_FOUND"),
        ("GET", "/api/v1/frontal/crop/status/not-a-uuid", 404, "TASK_NOT_FOUND"),
        ("POST", f"/api/v1/frontal/crop/cancel/{NOBODY}", 404, "TASK_NOT_FOUND"),
        ("DELETE", f"/api/v1/frontal/crop/{NOBODY}", 404, "TASK_NOT_FOUND"),
        ("GET", "/api/v1/cache/stats?dayz=7", 400, "UNKNOWN_OPTION"),
        ("POST", f"{SUBMIT}?opacity=1", 400, "UNKNOWN_OPTION"),
        ("GET", "/api/v1/tasks?page_size=-1", 400, "INVALID_ARGUMENT"),
        ("GET", "/api/v1/tasks?page_token=stranger", 400, "INVALID_ARGUMENT"),
        ("GET", "/api/v1/cache/stats?days=soon", 400, "MALFORMED_REQUEST"),
        # Nobody in between could repeat all of it.
        ("GET", f"/api/v1/tasks?page_token={'a' * 30_000}", 400, "INVALID_ARGUMENT"),
        # Text that is no text.
        ("GET", "/api/v1/tasks?page_token=%FF", 400, "MALFORMED_REQUEST"),
        ("GET", "/api/v1/frontal/crop/status/%FF", 400, "MALFORMED_REQUEST"),
        ("GET", "/api/v1/frontal/crop/watch/%FF", 400, "MALFORMED_REQUEST"),
        ("DELETE", "/api/v1/frontal/crop/%FF", 400, "MALFORMED_REQUEST"),
    ],
)
def test_a_bad_request_is_refused_as_json(
    suite: Suite, method: str, path: str, status: int, reason: str
) -> None:
    assert_refused(suite.rest.request(method, path), status, reason)


def test_headers_are_taken_or_refused_by_the_door_and_never_by_what_is_behind_it(
    suite: Suite,
) -> None:
    path = f"/api/v1/frontal/crop/status/{'a' * 15_000}"  # and once more behind the door

    taken = suite.rest.get(path, headers={"x-long": "a" * 15_000})
    refused = suite.rest.get(path, headers={"x-long": "a" * 20_000})

    assert_refused(taken, 404, "TASK_NOT_FOUND")
    assert_refused(refused, 431, "MALFORMED_REQUEST")


def test_a_bomb_is_refused_without_unpacking_it(suite: Suite) -> None:
    held = suite.memory("gateway", "processor")

    for _ in range(3):
        answer = suite.rest.post(SUBMIT, files={**HOPPER.files, "image": bomb(20_000)})
        assert_refused(answer, 400, "TOO_MANY_PIXELS")

    assert suite.memory("gateway", "processor") - held < 64 * 2**20


def assert_refused(answer: Any, status: int, reason: str, message: str = "") -> None:
    """One `google.rpc.Status` with one `ErrorInfo`, and every fact of the message beside it."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    infos = [d for d in body["details"] if d["@type"].endswith("google.rpc.ErrorInfo")]
    assert len(infos) == 1
    assert infos[0]["domain"] == "facesvg"
    assert infos[0]["reason"].startswith(reason)
    assert re.search(re.escape(message), body["message"]), body["message"]
    assert "Traceback" not in answer.text
