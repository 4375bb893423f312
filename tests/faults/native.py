"""The same inputs as a native client streams them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from faults.inputs import files

from facesvg.v1 import gateway_pb2 as pb
from facesvg.v1 import upload_pb2
from services.runtime import uploads

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTS = {"image": upload_pb2.PART_IMAGE, "landmarks": upload_pb2.PART_LANDMARKS}


def messages(number: int) -> Iterator[pb.SubmitRequest]:
    """Yield header, chunks and finish."""
    parts = {PARTS[name]: data for name, data in files(number).items()}
    infos = [upload_pb2.PartInfo(part=part, size_bytes=len(data)) for part, data in parts.items()]
    yield pb.SubmitRequest(header=pb.SubmitHeader(parts=infos))
    for part, data in parts.items():
        for chunk in uploads.chunks(io.BytesIO(data), part):
            yield pb.SubmitRequest(chunk=chunk)
    yield pb.SubmitRequest(finish=upload_pb2.Finish())
