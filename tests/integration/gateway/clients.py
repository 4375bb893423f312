"""What clients send."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from google.api.httpbody_pb2 import HttpBody
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from facesvg.v1 import gateway_pb2 as pb
from facesvg.v1 import mask_pb2, upload_pb2
from facesvg.v1.upload_pb2 import PART_IMAGE, PART_LANDMARKS, PART_SEGMENTATION_MAP

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

IMAGE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
LANDMARKS = b'[{"y": 0.5, "x": 0.25}]'
CANONICAL = b'[{"x":0.25,"y":0.5}]'
MAP = b"\x89PNG a map"
PARTS = {PART_IMAGE: IMAGE, PART_LANDMARKS: LANDMARKS, PART_SEGMENTATION_MAP: MAP}
BOUNDARY = "a-boundary-of-our-own"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
JSON = "application/json"


def stream(
    parts: Mapping[Any, bytes] = PARTS, *, finish: bool = True, **options: object
) -> Iterator[pb.SubmitRequest]:
    """A native upload."""
    chosen = mask_pb2.DrawOptions(**options)  # type: ignore[arg-type] # names of the test
    yield pb.SubmitRequest(header=pb.SubmitHeader(options=chosen))
    for part, data in parts.items():
        for at in range(0, len(data), 256 * 1024):
            piece = data[at : at + 256 * 1024]
            yield pb.SubmitRequest(chunk=upload_pb2.Chunk(part=part, data=piece))
    if finish:
        yield pb.SubmitRequest(finish=upload_pb2.Finish())


def form_body(
    files: Mapping[str, bytes], fields: Mapping[str, str] | None = None, *, closed: bool = True
) -> bytes:
    """A multipart form."""
    lines = []
    for name, data in files.items():
        head = f'Content-Disposition: form-data; name="{name}"; filename="{name}.bin"'
        lines.append(f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + data + b"\r\n")
    for name, value in (fields or {}).items():
        head = f'Content-Disposition: form-data; name="{name}"'
        lines.append(f"--{BOUNDARY}\r\n{head}\r\n\r\n{value}\r\n".encode())
    return b"".join(lines) + (f"--{BOUNDARY}--\r\n".encode() if closed else b"")


FILES = {"image": IMAGE, "landmarks": LANDMARKS, "segmentation_map": MAP}


def json_body(**more: object) -> bytes:
    """A JSON body."""
    body = {
        "image": "data:image/png;base64," + base64.b64encode(IMAGE).decode(),
        "landmarks": json.loads(LANDMARKS),
        "segmentation_map": base64.b64encode(MAP).decode(),
        **more,
    }
    return json.dumps(body).encode()


def pieces(
    body: bytes, content_type: str = FORM, size: int = 1000
) -> Iterator[pb.SubmitFormRequest]:
    """A body as Envoy cuts it: the content type comes with the first piece only."""
    for at in range(0, len(body) or 1, size):
        yield pb.SubmitFormRequest(
            form=HttpBody(content_type="" if at else content_type, data=body[at : at + size])
        )


def renders(body: bytes, content_type: str = FORM) -> Iterator[pb.RenderRequest]:
    """The same for `Render`."""
    for request in pieces(body, content_type):
        yield pb.RenderRequest(form=request.form)


def rest(
    path: str = "/api/v1/frontal/crop/submit", length: int | None = None
) -> tuple[tuple[str, str], ...]:
    """The metadata with which Envoy passes a REST call on."""
    metadata = (("x-envoy-original-path", path),)
    return metadata if length is None else (*metadata, ("x-upload-content-length", str(length)))


def info(error: Any) -> error_details_pb2.ErrorInfo:
    """The one `ErrorInfo` of an error."""
    status = rpc_status.from_call(error)
    assert status is not None
    found = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(found)
    return found
