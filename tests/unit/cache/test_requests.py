"""From messages to records: what cannot be is refused by name."""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask

from facesvg.v1 import cache_pb2, mask_pb2, task_pb2, upload_pb2
from services.cache import requests
from services.cache.errors import InvalidArgument
from services.cache.records import Failure
from services.runtime import upload_errors, uploads
from services.runtime.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterator

IMAGE, LANDMARKS = upload_pb2.PART_IMAGE, upload_pb2.PART_LANDMARKS
PARTS = {IMAGE: b"an image", LANDMARKS: b"[[1, 2]]"}
TASK_ID = str(uuid.UUID(int=7))


def spool(data: bytes) -> Spool:
    filled = Spool("part", 1000)
    filled.write(data)
    return filled


@pytest.fixture
def begin() -> Iterator[uploads.Upload]:
    """Return a whole upload of a task to begin."""
    parts: dict[int, Spool] = {part: spool(data) for part, data in PARTS.items()}
    header = cache_pb2.BeginTaskHeader(
        task_id=TASK_ID,
        key=cache_pb2.TaskKey(
            image_sha256=parts[IMAGE].digest, landmarks_sha256=parts[LANDMARKS].digest
        ),
        parts=[uploads.part_info(part, filled) for part, filled in parts.items()],
        image_width=640,
    )
    upload = uploads.Upload(header, parts)
    yield upload
    upload.close()


def completion(svg: bytes, **declared: Any) -> uploads.Upload:
    header = cache_pb2.CompleteTaskHeader(
        drawing=mask_pb2.Drawing(
            svg=b"to be left out",
            regions_detected=1,
            regions=[mask_pb2.Region(id=1, name="nose", area=2.5)],
        ),
        svg_size_bytes=declared.get("size", len(svg)),
        svg_sha256=declared.get("sha256", hashlib.sha256(svg).digest()),
    )
    return uploads.Upload(header, {requests.SVG: spool(svg)})


def test_a_whole_upload_is_a_submission(begin: uploads.Upload) -> None:
    submission = requests.submission_of(begin)

    assert str(submission.task_id) == TASK_ID
    assert submission.image_width == 640
    assert {part: source.file.read() for part, source in submission.inputs.items()} == PARTS
    assert submission.input_hash == requests.key_of(begin.header.key).input_hash


def test_an_upload_without_a_header_is_refused() -> None:
    with pytest.raises(upload_errors.TruncatedUpload, match="no header"):
        requests.submission_of(uploads.Upload(None, {}))


@pytest.mark.parametrize("field", ["size_bytes", "sha256"])
def test_every_part_declares_length_and_digest(begin: uploads.Upload, field: str) -> None:
    begin.header.parts[1].ClearField(field)

    with pytest.raises(InvalidArgument, match="parts is 'landmarks'"):
        requests.submission_of(begin)


def test_the_image_is_that_of_the_key(begin: uploads.Upload) -> None:
    begin.header.key.image_sha256 = bytes(32)

    with pytest.raises(InvalidArgument, match="image_sha256 is"):
        requests.submission_of(begin)


def test_a_drawing_is_stored_without_its_svg() -> None:
    upload = completion(b"<svg/>")

    drawing = requests.drawing_of(upload)

    assert mask_pb2.Drawing.FromString(drawing.record).svg == b""
    assert drawing.regions_detected == 1
    assert drawing.svg.file.read() == b"<svg/>"
    assert drawing.summary["regions"] == [
        {"id": 1, "name": "nose", "side": "", "source": "", "area": 2.5}
    ]
    upload.close()


@pytest.mark.parametrize("declared", [{"size": 5}, {"sha256": bytes(32)}])
def test_an_svg_other_than_declared_is_refused(declared: dict[str, Any]) -> None:
    upload = completion(b"<svg/>", **declared)

    with pytest.raises(upload_errors.TruncatedUpload, match="the SVG was declared as"):
        requests.drawing_of(upload)
    upload.close()


def test_a_drawing_without_an_svg_is_refused() -> None:
    empty = uploads.Upload(cache_pb2.CompleteTaskHeader(), {})

    with pytest.raises(upload_errors.TruncatedUpload):
        requests.drawing_of(empty)


@pytest.mark.parametrize(
    ("seconds", "lease"), [(0, timedelta(minutes=1)), (90, timedelta(seconds=90))]
)
def test_a_lease_lasts_as_asked_and_a_minute_unasked(seconds: int, lease: timedelta) -> None:
    assert requests.lease_of(Duration(seconds=seconds)) == lease


@pytest.mark.parametrize("seconds", [-1, 3601])
def test_a_lease_out_of_range_is_refused(seconds: int) -> None:
    with pytest.raises(InvalidArgument, match="lease is"):
        requests.lease_of(Duration(seconds=seconds))


def test_a_failure_without_words_has_some() -> None:
    request = cache_pb2.FailTaskRequest(error=task_pb2.TaskError())

    assert requests.failure_of(request) == Failure(
        "INTERNAL", "the drawing failed", deterministic=False
    )


@pytest.mark.parametrize("kind", [cache_pb2.GetTaskRequest, cache_pb2.WatchTaskRequest])
@pytest.mark.parametrize(
    ("paths", "wanted"),
    [
        ([], requests.EVERY_FIELD),
        (["*"], requests.EVERY_FIELD),
        (["status", "result", "result.svg"], requests.EVERY_FIELD),
        (["status"], set()),
        (["result.svg", "status"], {"svg"}),
        (["result.width", "result.svg"], {"svg", "width"}),
        (["result.colour", "svg"], set()),
    ],
)
def test_of_the_result_what_the_mask_asks_for_comes_along(
    kind: Any, paths: list[str], wanted: set[str]
) -> None:
    request = kind(with_result=True, read_mask=FieldMask(paths=paths))

    assert requests.wanted_of(request) == wanted


def test_a_result_that_is_not_to_come_along_has_no_fields_whatever_the_mask() -> None:
    request = cache_pb2.GetTaskRequest(read_mask=FieldMask(paths=["result.svg"]))

    assert requests.wanted_of(request) == set()
