"""Near duplicates: the drawing of a photo that looks the same, for those who accept it."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from faces import Face, face
from PIL import Image

from facesvg.v1 import gateway_pb2 as pb
from facesvg.v1 import gateway_pb2_grpc as rpc
from facesvg.v1 import mask_pb2, upload_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from suite import Suite

HOPPER = face("hopper")
RENDER = "/api/v1/frontal/crop/render"

pytestmark = pytest.mark.e2e


def anew(kind: str = "JPEG", scale: float = 1, **how: Any) -> bytes:
    """Return the photo saved anew."""
    with Image.open(io.BytesIO(HOPPER.photo)) as image:
        size = (round(image.width * scale), round(image.height * scale))
        out = io.BytesIO()
        image.resize(size).save(out, kind, **how)
    return out.getvalue()


def landmarks(*, moved: float = 0, scale: float = 1) -> bytes:
    """Return the landmarks in pixels, one of them moved by some, on a photo of another size."""
    marks = json.loads(HOPPER.landmarks)
    marks[7]["x"] += moved
    return json.dumps([[scale * mark["x"], scale * mark["y"]] for mark in marks]).encode()


def files(photo: bytes, marks: bytes = HOPPER.landmarks) -> dict[str, bytes]:
    return Face(photo, marks, HOPPER.label_map).files


@pytest.fixture(scope="module")
def drawn(suite: Suite) -> str:
    """Draw the photo, and return its task's id."""
    first = suite.submit(files(HOPPER.photo), data=OPTIONS)
    assert (first["cache_match"], "similarity_distance" in first) == ("", False)
    assert suite.finished(first["task_id"])["status"] == "SUCCESS"
    return str(first["task_id"])


# An option of its own, so that no other test's drawings are among the answers.
OPTIONS = {"id_prefix": "similarity", "similarity": "8"}
UNASKED = {"id_prefix": "similarity"}


@pytest.mark.parametrize(
    ("kind", "how"), [("JPEG", {"quality": 70}), ("PNG", {}), ("WEBP", {"quality": 80})]
)
def test_a_photo_saved_anew_has_the_drawing_already(
    suite: Suite, drawn: str, kind: str, how: dict[str, Any]
) -> None:
    answer = suite.submit(files(anew(kind, **how)), data=OPTIONS)

    assert (answer["task_id"], answer["status"]) == (drawn, "SUCCESS")
    assert (answer["cache_hit"], answer["cache_match"]) == (True, "SIMILAR")
    assert 0 <= answer["similarity_distance"] <= 8


def test_a_photo_of_another_size_has_it_too(suite: Suite, drawn: str) -> None:
    half = files(anew(scale=0.5, quality=90), landmarks(scale=0.5))

    answer = suite.submit(half, data=OPTIONS)

    assert (answer["task_id"], answer["cache_match"]) == (drawn, "SIMILAR")


def test_the_same_photo_is_an_exact_match(suite: Suite, drawn: str) -> None:
    """Whether or not it accepts a similar one: that is no part of the key."""
    for options in (OPTIONS, UNASKED):
        answer = suite.submit(files(HOPPER.photo), data=options)

        assert (answer["task_id"], answer["cache_match"]) == (drawn, "EXACT")
        assert "similarity_distance" not in answer


def test_who_does_not_ask_gets_a_drawing_of_its_own(suite: Suite, drawn: str) -> None:
    answer = suite.submit(files(anew(quality=71)), data=UNASKED)

    assert answer["task_id"] != drawn
    assert (answer["cache_hit"], answer["cache_match"]) == (False, "")


@pytest.mark.parametrize(
    "other",
    [{"theme": "vivid"}, {"region_opacity": "0.5"}, {"id_prefix": "another"}],
    ids=str,
)
def test_other_options_are_another_drawing(suite: Suite, drawn: str, other: dict[str, str]) -> None:
    answer = suite.submit(files(anew(quality=72)), data={**OPTIONS, **other})

    assert answer["task_id"] != drawn
    assert answer["cache_hit"] is False


def test_landmarks_elsewhere_are_another_drawing(suite: Suite, drawn: str) -> None:
    photo = anew(quality=73)

    near = suite.submit(files(photo, landmarks(moved=0.4)), data=OPTIONS)
    far = suite.submit(files(photo, landmarks(moved=2)), data=OPTIONS)

    assert (near["task_id"], near["cache_match"]) == (drawn, "SIMILAR")
    assert far["task_id"] != drawn
    assert far["cache_hit"] is False


def test_another_map_is_another_drawing(suite: Suite, drawn: str) -> None:
    parts = files(anew(quality=74))
    del parts["segmentation_map"]

    answer = suite.submit(parts, data=OPTIONS)

    assert answer["task_id"] != drawn
    assert answer["cache_hit"] is False


def test_an_erased_drawing_is_no_answer(suite: Suite) -> None:
    options = {"id_prefix": "erased", "similarity": "8"}
    first = suite.submit(files(HOPPER.photo), data=options)
    suite.finished(first["task_id"])
    assert suite.submit(files(anew(quality=75)), data=options)["cache_match"] == "SIMILAR"

    suite.rest.delete(f"/api/v1/frontal/crop/{first['task_id']}")

    assert suite.submit(files(anew(quality=75)), data=options)["cache_hit"] is False


def test_the_query_asks_as_well_and_render_tells(suite: Suite, drawn: str) -> None:
    answer = suite.rest.post(RENDER, params=OPTIONS, files=files(anew(quality=76)))

    assert (answer.status_code, answer.headers["x-cache"]) == (200, "similar")
    assert answer.headers["x-task-id"] == drawn
    assert answer.text == suite.svg(drawn)


@pytest.mark.parametrize("wrong", ["11", "-1", "2.5", "all"])
def test_a_similarity_that_cannot_be_is_refused(suite: Suite, wrong: str) -> None:
    answer = suite.rest.post(
        "/api/v1/frontal/crop/submit", files=HOPPER.files, data={"similarity": wrong}
    )

    assert answer.status_code == 400
    assert "expected a whole number from 0 to 10" in answer.json()["message"]


def test_grpc_is_answered_alike(suite: Suite, drawn: str) -> None:
    options = mask_pb2.DrawOptions(id_prefix="similarity", similarity=8)

    with grpc.insecure_channel(suite.address("envoy")) as channel:
        answer = rpc.GatewayServiceStub(channel).Submit(messages(anew(quality=77), options))

    assert (answer.task_id, answer.cache_match) == (drawn, "SIMILAR")
    assert answer.HasField("similarity_distance")


def messages(photo: bytes, options: mask_pb2.DrawOptions) -> Iterator[pb.SubmitRequest]:
    parts = {
        upload_pb2.PART_IMAGE: photo,
        upload_pb2.PART_LANDMARKS: HOPPER.landmarks,
        upload_pb2.PART_SEGMENTATION_MAP: HOPPER.label_map,
    }
    yield pb.SubmitRequest(header=pb.SubmitHeader(options=options))
    for part, data in parts.items():
        yield pb.SubmitRequest(chunk=upload_pb2.Chunk(part=part, data=data))
    yield pb.SubmitRequest(finish=upload_pb2.Finish())
