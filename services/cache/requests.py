"""From the contract's requests to the records of the core; what cannot be is refused."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from facesvg.v1 import cache_pb2, mask_pb2, upload_pb2
from services.cache.errors import InvalidArgument
from services.cache.keys import Key
from services.cache.likeness import POINT_BYTES, Likeness, scope
from services.cache.records import Attempt, Drawing, Failure, Source, Submission
from services.cache.repeats import RepeatKey
from services.runtime import options, upload_errors, uploads
from services.runtime.context import Origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.duration_pb2 import Duration

    from services.runtime.spool import Spool
    from services.runtime.uploads import Upload

SHA256_BYTES = 32
SVG: int = upload_pb2.PART_UNSPECIFIED
"""The part that the chunks of an SVG belong to."""

DRAWING_VERSION = max(mask_pb2.DrawingVersion.values())
REQUIRED = (upload_pb2.PART_IMAGE, upload_pb2.PART_LANDMARKS)
HASH_DIGITS = frozenset("0123456789abcdef")
PERCENT = 100
WORD_MAX = 128
"""Characters: a tenant's name is in every entry of two indexes."""
REPEAT_KEY = re.compile(r"[!-~]{1,255}")
ERROR_MAX = 300
RESULT = "result"
WHOLE = frozenset(("*", RESULT))
"""Paths of a mask that ask for all of the result."""
EVERY_FIELD = frozenset(mask_pb2.Drawing.DESCRIPTOR.fields_by_name)
LEASE = timedelta(seconds=60)
LEASE_MAX = timedelta(hours=1)


def uuid_of(field: str, text: str) -> uuid.UUID:
    """Return an id of a request."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise InvalidArgument(field, text, "a UUID") from None


def key_of(message: cache_pb2.TaskKey) -> Key:
    """Return the key of a request; raise for a wrong option or digest."""
    if not message.segmentation_map_sha256:
        segmentation_map = b""
    else:
        segmentation_map = digest("segmentation_map_sha256", message.segmentation_map_sha256)
    return Key(
        version=DRAWING_VERSION,
        image=digest("image_sha256", message.image_sha256),
        landmarks=digest("landmarks_sha256", message.landmarks_sha256),
        segmentation_map=segmentation_map,
        tenant=tenant_of(message.tenant),
        options=options.deciding(message.options),
    )


def tenant_of(text: str) -> str:
    """Return the tenant of a request, empty for the one there is without."""
    return word("tenant", text)


def word(field: str, text: str) -> str:
    """Return what is kept with an entry and may be empty."""
    if len(text) > WORD_MAX or not text.isprintable():
        right = f"at most {WORD_MAX} printable characters"
        raise InvalidArgument(field, text[:WORD_MAX], right)
    return text


def digest(field: str, value: bytes) -> bytes:
    """Return a SHA-256 of a request."""
    if len(value) != SHA256_BYTES:
        raise InvalidArgument(field, value.hex(), "a SHA-256, 32 bytes")
    return value


def whose(request: Any) -> tuple[uuid.UUID, str]:
    """Return the task that a request is about, and the tenant who asks."""
    return uuid_of("task_id", request.task_id), tenant_of(request.tenant)


def entry_of(request: cache_pb2.FindResultRequest) -> tuple[str, str]:
    """Return the input hash that a lookup is for, and the tenant who asks."""
    if request.WhichOneof("target") == "key":
        key = key_of(request.key)
        return key.input_hash, key.tenant
    given = request.input_hash.lower()
    if len(given) != 2 * SHA256_BYTES or not HASH_DIGITS.issuperset(given):
        raise InvalidArgument("input_hash", request.input_hash, "64 hexadecimal digits")
    return given, tenant_of(request.tenant)


def plain_entry_of(request: cache_pb2.FindResultRequest) -> tuple[str, str]:
    """Return what `entry_of` does, of a lookup that wants nothing but an answer."""
    if request.idempotency_key:
        raise InvalidArgument("idempotency_key", request.idempotency_key[:WORD_MAX], "none here")
    if request.key.options.callback_url:
        raise InvalidArgument(
            "callback_url", request.key.options.callback_url[:WORD_MAX], "none here"
        )
    return entry_of(request)


def wanted_of(request: cache_pb2.GetTaskRequest | cache_pb2.WatchTaskRequest) -> frozenset[str]:
    """Return the fields of the result that are to come along: none where it is not."""
    if not request.with_result:
        return frozenset()
    paths = request.read_mask.paths
    if not paths or not WHOLE.isdisjoint(paths):
        return EVERY_FIELD
    below = (path.split(".") for path in paths)
    return EVERY_FIELD.intersection(names[1] for names in below if names[0] == RESULT)


def hits_of(request: cache_pb2.CountHitsRequest) -> Mapping[uuid.UUID, int]:
    """Return how often tasks were answers."""
    return {uuid_of("hits", task_id): count for task_id, count in request.hits.items()}


def lookup_of(request: cache_pb2.FindResultRequest) -> RepeatKey | None:
    """Return what the client calls the submission that a lookup is for, if it does."""
    if not request.idempotency_key:
        return None
    if request.WhichOneof("target") != "key":
        raise InvalidArgument("idempotency_key", request.idempotency_key, "one beside a key")
    return repeat_of(request.key, request.idempotency_key)


def attempt_of(request: cache_pb2.ReportDeliveryRequest) -> Attempt:
    """Return what became of an attempt at a message."""
    retries = request.HasField("retry_after") and not request.delivered
    return Attempt(
        number=request.attempt,
        is_delivered=request.delivered,
        retry_after=request.retry_after.ToTimedelta() if retries else None,
        http_status=request.http_status if request.HasField("http_status") else None,
        error=request.error[:ERROR_MAX],
    )


def repeat_of(message: cache_pb2.TaskKey, text: str) -> RepeatKey | None:
    """Return what a client calls a submission, if it does.

    What it stands for is all that was submitted, what is outside the key of the cache too. The
    version of the drawing is the suite's: an upgrade makes nothing another submission.
    """
    if not text:
        return None
    if not REPEAT_KEY.fullmatch(text):
        raise InvalidArgument("idempotency_key", text[:WORD_MAX], "1 to 255 visible characters")
    whole = replace(key_of(message), version=0, options=options.canonical(message.options))
    return RepeatKey(whole.tenant, text, bytes.fromhex(whole.input_hash))


def submission_of(upload: Upload) -> Submission:
    """Return a whole upload as the task to begin."""
    header: cache_pb2.BeginTaskHeader = header_of(upload)
    declared = {
        info.part
        for info in header.parts
        if info.HasField("size_bytes") and info.HasField("sha256")
    }
    stayed = [upload_pb2.PART_IMAGE] if header.HasField("photo") else []
    for required in REQUIRED:
        if required not in (*upload.parts, *stayed):
            name = uploads.part_name(required)
            raise upload_errors.MissingPart(f"{name} is missing; every task needs one", part=name)
    for part in upload.parts:
        if part not in declared:
            name = uploads.part_name(part)
            raise InvalidArgument("parts", name, "every part declared with its length and digest")
    key = key_of(header.key)
    image = upload.parts.get(upload_pb2.PART_IMAGE)
    if image is not None and image.digest != key.image:
        raise InvalidArgument("image_sha256", key.image.hex(), f"{image.digest.hex()}, the image's")
    return Submission(
        task_id=uuid_of("task_id", header.task_id),
        input_hash=key.input_hash,
        options=key.options,
        inputs={part: source_of(spool) for part, spool in upload.parts.items()},
        image_width=header.image_width,
        image_height=header.image_height,
        landmarks_count=header.landmarks_count,
        tenant=key.tenant,
        likeness=likeness_of(header, key) if header.HasField("likeness") else None,
        similarity=header.key.options.similarity,
        photo=header.photo.SerializeToString() if image is None else None,
        origin=Origin(
            word("origin.request_id", header.origin.request_id),
            word("origin.traceparent", header.origin.traceparent),
        ),
        repeat=repeat_of(header.key, header.idempotency_key),
        callback_url=header.key.options.callback_url,
    )


def likeness_of(header: cache_pb2.BeginTaskHeader, key: Key) -> Likeness:
    """Return what the photo of a submission looks like."""
    told = header.likeness
    found, expected = len(told.landmarks), header.landmarks_count * POINT_BYTES
    if found != expected:
        raise InvalidArgument("likeness.landmarks", f"{found} bytes", f"{expected} bytes")
    size = (header.image_width, header.image_height)
    if not all(size):
        raise InvalidArgument("image_width", size, "the photo's size beside its likeness")
    return Likeness(scope(key), told.perceptual_hash, told.landmarks, *size)


def header_of(upload: Upload) -> Any:
    """Return an upload's header; raise `TruncatedUpload` when none came."""
    if upload.header is None:
        raise upload_errors.TruncatedUpload("the stream has no header; send it again")
    return upload.header


def source_of(spool: Spool) -> Source:
    """Return a received part."""
    return Source(spool.digest, spool.size, spool.file)


def drawing_of(upload: Upload) -> Drawing:
    """Return a whole upload as a drawing; raise `TruncatedUpload` unless its SVG agrees."""
    header: cache_pb2.CompleteTaskHeader = header_of(upload)
    spool = upload.parts.get(SVG)
    found = (spool.size, spool.digest) if spool else (0, b"")
    if spool is None or found != (header.svg_size_bytes, header.svg_sha256):
        raise upload_errors.TruncatedUpload(
            f"the SVG was declared as {header.svg_size_bytes} bytes with sha256 "
            f"{header.svg_sha256.hex()}, {found[0]} bytes with {found[1].hex()} came",
            part="svg",
            expected=header.svg_sha256.hex(),
            found=found[1].hex(),
        )
    bare = mask_pb2.Drawing()
    bare.CopyFrom(header.drawing)
    bare.ClearField("svg")
    return Drawing(
        record=bare.SerializeToString(),
        summary=summary_of(bare),
        regions_detected=bare.regions_detected,
        svg=source_of(spool),
    )


def summary_of(drawing: mask_pb2.Drawing) -> Mapping[str, object]:
    """Return what a person reads of a drawing in the database."""
    return {
        "width": drawing.width,
        "height": drawing.height,
        "scheme": drawing.scheme,
        "units": drawing.units,
        "label_scheme": drawing.label_scheme,
        "warnings": list(drawing.warnings),
        "regions": [
            {"id": r.id, "name": r.name, "side": r.side, "source": r.source, "area": r.area}
            for r in drawing.regions
        ],
    }


def lease_of(duration: Duration) -> timedelta:
    """Return how long a lease lasts; absent means a minute."""
    lease = duration.ToTimedelta()
    if not timedelta(0) <= lease <= LEASE_MAX:
        raise InvalidArgument("lease", lease, f"up to {LEASE_MAX}")
    return lease or LEASE


def percent(field: str, value: int) -> int:
    """Return how much is done."""
    if value > PERCENT:
        raise InvalidArgument(field, value, f"0 to {PERCENT}")
    return value


def failure_of(request: cache_pb2.FailTaskRequest) -> Failure:
    """Return why a task failed."""
    return Failure(
        type=request.error.type or "INTERNAL",
        message=request.error.message or "the drawing failed",
        deterministic=request.deterministic,
    )
