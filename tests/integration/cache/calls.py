"""Calls to the cache as its peers make them."""

from __future__ import annotations

import hashlib
import random
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from google.rpc import error_details_pb2
from grpc_status import rpc_status

from facesvg.v1 import cache_pb2 as pb
from facesvg.v1 import mask_pb2, task_pb2, upload_pb2
from services.runtime.uploads import CHUNK_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import grpc

    from facesvg.v1.cache_pb2_grpc import CacheServiceStub

HIT = pb.BeginTaskResponse.OUTCOME_HIT
OWNER = pb.BeginTaskResponse.OUTCOME_OWNER
FOLLOWER = pb.BeginTaskResponse.OUTCOME_FOLLOWER
GRANTED = pb.OpenTaskHeader.OUTCOME_GRANTED
HELD = pb.OpenTaskHeader.OUTCOME_HELD
FINAL = pb.OpenTaskHeader.OUTCOME_FINAL

IMAGE = upload_pb2.PART_IMAGE
LANDMARKS = upload_pb2.PART_LANDMARKS

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>"


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def noise(size: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311 - a picture, not a secret


def new_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True)
class Photo:
    """What a submission consists of; two with different bytes have different keys."""

    image: bytes = field(default_factory=lambda: uuid.uuid4().bytes)
    landmarks: bytes = b"[[1, 2], [3, 4]]"
    options: mask_pb2.DrawOptions = field(default_factory=mask_pb2.DrawOptions)

    @property
    def parts(self) -> Mapping[upload_pb2.Part.ValueType, bytes]:
        return {IMAGE: self.image, LANDMARKS: self.landmarks}

    @property
    def key(self) -> pb.TaskKey:
        return pb.TaskKey(
            options=self.options,
            image_sha256=sha256(self.image),
            landmarks_sha256=sha256(self.landmarks),
        )

    def header(self, task_id: str) -> pb.BeginTaskHeader:
        return pb.BeginTaskHeader(
            task_id=task_id,
            key=self.key,
            parts=[
                upload_pb2.PartInfo(part=part, size_bytes=len(data), sha256=sha256(data))
                for part, data in self.parts.items()
            ],
            image_width=640,
            image_height=480,
            landmarks_count=2,
        )

    def messages(self, task_id: str) -> Iterator[pb.BeginTaskRequest]:
        yield pb.BeginTaskRequest(header=self.header(task_id))
        for part, data in self.parts.items():
            for start in range(0, len(data), CHUNK_BYTES):
                piece = data[start : start + CHUNK_BYTES]
                yield pb.BeginTaskRequest(chunk=upload_pb2.Chunk(part=part, data=piece))
        yield pb.BeginTaskRequest(finish=upload_pb2.Finish())


def begin(stub: CacheServiceStub, photo: Photo, task_id: str = "") -> pb.BeginTaskResponse:
    return stub.BeginTask(photo.messages(task_id or new_id()))


def begun(stub: CacheServiceStub, photo: Photo | None = None) -> str:
    """Begin a task and return its id."""
    answer = begin(stub, photo or Photo())
    assert answer.outcome == OWNER
    return answer.task.task_id


def find(stub: CacheServiceStub, photo: Photo) -> task_pb2.Task | None:
    answer = stub.FindResult(pb.FindResultRequest(key=photo.key))
    return answer.task if answer.HasField("task") else None


def opened(
    stub: CacheServiceStub, task_id: str, *, lease: float = 60
) -> tuple[pb.OpenTaskHeader, dict[int, bytes]]:
    """Open a task and return the header and the inputs that came whole."""
    request = pb.OpenTaskRequest(task_id=task_id, worker="test")
    request.lease.FromMilliseconds(round(lease * 1000))
    first, *rest = stub.OpenTask(request)
    inputs: dict[int, bytes] = {info.part: b"" for info in first.header.parts}
    for chunk in (*first.header.chunks, *(message.chunk for message in rest[:-1])):
        inputs[chunk.part] += chunk.data
    if rest:
        assert rest[-1].HasField("finish")
    return first.header, inputs


def leased(stub: CacheServiceStub, task_id: str, *, lease: float = 60) -> str:
    """Open a task and return the lease's token."""
    header, _ = opened(stub, task_id, lease=lease)
    assert header.outcome == GRANTED
    return header.lease_token


def completion(
    task_id: str, token: str, svg: bytes = SVG, drawing: mask_pb2.Drawing | None = None
) -> Iterator[pb.CompleteTaskRequest]:
    header = pb.CompleteTaskHeader(
        task_id=task_id,
        lease_token=token,
        drawing=drawing or mask_pb2.Drawing(regions_detected=1, warnings=["a warning"]),
        svg_size_bytes=len(svg),
        svg_sha256=sha256(svg),
    )
    yield pb.CompleteTaskRequest(header=header)
    for start in range(0, len(svg), CHUNK_BYTES):
        piece = upload_pb2.Chunk(data=svg[start : start + CHUNK_BYTES])
        yield pb.CompleteTaskRequest(chunk=piece)
    yield pb.CompleteTaskRequest(finish=upload_pb2.Finish())


def completed(stub: CacheServiceStub, photo: Photo | None = None, svg: bytes = SVG) -> str:
    """Take a photo all the way and return its task's id."""
    task_id = begun(stub, photo)
    stub.CompleteTask(completion(task_id, leased(stub, task_id), svg))
    return task_id


def failing(
    task_id: str, token: str, *, deterministic: bool, type_: str = "NO_FACE"
) -> pb.FailTaskRequest:
    error = task_pb2.TaskError(type=type_, message="there is no face")
    return pb.FailTaskRequest(
        task_id=task_id, lease_token=token, error=error, deterministic=deterministic
    )


def advancing(task_id: str, token: str, step: str = "draw", progress: int = 50) -> Any:
    return pb.ReportProgressRequest(
        task_id=task_id, lease_token=token, step=step, progress=progress
    )


def got(stub: CacheServiceStub, task_id: str, *, with_result: bool = False) -> task_pb2.Task:
    return stub.GetTask(pb.GetTaskRequest(task_id=task_id, with_result=with_result)).task


def read_svg(stub: CacheServiceStub, task_id: str) -> bytes:
    header, *rest = stub.ReadSvg(pb.ReadSvgRequest(task_id=task_id))
    data = b"".join(message.data for message in rest)
    assert header.header.size_bytes == len(data)
    assert header.header.sha256 == sha256(data)
    return data


def refusal(error: grpc.RpcError) -> tuple[grpc.StatusCode, str]:
    """Return a refusal's code and reason."""
    return error.code(), info(error).reason


def info(error: grpc.RpcError) -> error_details_pb2.ErrorInfo:
    return detail(error, error_details_pb2.ErrorInfo)


def detail(error: grpc.RpcError, kind: Any) -> Any:
    status = rpc_status.from_call(error)
    found = kind()
    assert any(each.Unpack(found) for each in status.details)
    return found
