"""What is not whole never becomes a task, and what is large does not fill the memory."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import grpc
import h2.config
import h2.connection
import h2.events
import httpx
import pytest
from faces import Face, face, fresh, heavy_png

from facesvg.v1 import gateway_pb2 as pb
from facesvg.v1 import gateway_pb2_grpc as rpc
from facesvg.v1 import upload_pb2
from facesvg.v1.upload_pb2 import PART_IMAGE, PART_LANDMARKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from suite import Suite

HOPPER = face("hopper")
SUBMIT = "/api/v1/frontal/crop/submit"
BOUNDARY = "a-boundary-of-our-own"

pytestmark = pytest.mark.e2e


@pytest.fixture
def nothing_begins(suite: Suite) -> Iterator[None]:
    """Watch that no task appears, during the test and after whatever it left running."""
    before = suite.task_ids()
    yield
    suite.settle()
    assert suite.task_ids() == before


def body(photo: Face) -> bytes:
    request = httpx.Request(
        "POST",
        "http://x",
        files=photo.files,
        headers={"content-type": f"multipart/form-data; boundary={BOUNDARY}"},
    )
    return request.read()


def send_http1(suite: Suite, data: bytes, *, claimed: int | None) -> bytes:
    """Send a body; less of it than claimed, and then nothing more. Return what comes back."""
    length = f"content-length: {claimed}\r\n" if claimed else "transfer-encoding: chunked\r\n"
    head = (
        f"POST {SUBMIT} HTTP/1.1\r\nhost: x\r\n{length}"
        f"content-type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n"
    )
    with socket.create_connection(suite.door) as connection:
        connection.sendall(head.encode())
        connection.settimeout(10)
        if claimed:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        else:
            connection.sendall(b"%x\r\n%b\r\n0\r\n\r\n" % (len(data), data))
        return connection.recv(65_536)


@pytest.mark.usefixtures("nothing_begins")
@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.9, 1.0])
def test_a_client_that_leaves_over_http1_leaves_nothing(suite: Suite, share: float) -> None:
    whole = body(fresh(HOPPER, 401))
    cut = int(len(whole) * share) - 1

    send_http1(suite, whole[: max(cut, 0)], claimed=len(whole))


@pytest.mark.usefixtures("nothing_begins")
def test_a_form_without_its_closing_boundary_is_refused(suite: Suite) -> None:
    whole = body(fresh(HOPPER, 402))

    answer = send_http1(suite, whole[: whole.rindex(b"--" + BOUNDARY.encode())], claimed=None)

    assert b"400 Bad Request" in answer
    assert b"TRUNCATED_UPLOAD" in answer


@pytest.mark.usefixtures("nothing_begins")
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("ending", ["reset", "close"])
def test_a_client_that_leaves_over_http2_leaves_nothing(
    suite: Suite, share: float, ending: str
) -> None:
    whole = body(fresh(HOPPER, 403))
    with socket.create_connection(suite.door) as connection:
        client = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        client.initiate_connection()
        client.send_headers(
            1,
            [
                (":method", "POST"),
                (":path", SUBMIT),
                (":scheme", "http"),
                (":authority", "x"),
                ("content-type", f"multipart/form-data; boundary={BOUNDARY}"),
                ("content-length", str(len(whole))),
            ],
        )
        left = whole[: int(len(whole) * share)]
        while left:
            room = min(client.local_flow_control_window(1), client.max_outbound_frame_size)
            client.send_data(1, left[:room])
            left = left[room:]
            connection.sendall(client.data_to_send())
            if left and not client.local_flow_control_window(1):
                client.receive_data(connection.recv(65_536))
        if ending == "reset":
            client.reset_stream(1)
            connection.sendall(client.data_to_send())


def grpc_messages(photo: Face, upto: int) -> Iterator[pb.SubmitRequest]:
    yield pb.SubmitRequest(header=pb.SubmitHeader())
    yield pb.SubmitRequest(chunk=upload_pb2.Chunk(part=PART_LANDMARKS, data=photo.landmarks))
    for at in range(0, upto, 16_384):
        piece = upload_pb2.Chunk(part=PART_IMAGE, data=photo.photo[at : min(at + 16_384, upto)])
        yield pb.SubmitRequest(chunk=piece)


def dies(requests: Iterator[pb.SubmitRequest]) -> Iterator[pb.SubmitRequest]:
    yield from requests
    raise RuntimeError("the client broke")


def stalls(requests: Iterator[pb.SubmitRequest]) -> Iterator[pb.SubmitRequest]:
    yield from requests
    threading.Event().wait(3)


@pytest.mark.usefixtures("nothing_begins")
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(
    "ending", [iter, dies, stalls], ids=["no finish", "generator breaks", "deadline"]
)
def test_a_native_client_that_leaves_leaves_nothing(
    suite: Suite, share: float, ending: Callable[..., Iterator[pb.SubmitRequest]]
) -> None:
    photo = fresh(HOPPER, 404)
    requests = ending(grpc_messages(photo, int(len(photo.photo) * share)))

    with grpc.insecure_channel(suite.address("envoy")) as channel, pytest.raises(grpc.RpcError):
        rpc.GatewayServiceStub(channel).Submit(requests, timeout=1)


@pytest.mark.usefixtures("nothing_begins")
def test_a_native_client_that_cancels_leaves_nothing(suite: Suite) -> None:
    photo = fresh(HOPPER, 405)
    with grpc.insecure_channel(suite.address("envoy")) as channel:
        requests = stalls(grpc_messages(photo, len(photo.photo)))
        call = rpc.GatewayServiceStub(channel).Submit.future(requests)
        time.sleep(0.05)
        call.cancel()


def test_large_photos_do_not_fill_the_memory(suite: Suite) -> None:
    """Eight photos of 25 MB at once: the services together hold less than two of them."""
    large = Face(heavy_png(24.9), HOPPER.landmarks, HOPPER.label_map)
    suite.submit({**HOPPER.files})
    held = {name: suite.memory(name) for name in ("gateway", "processor", "cache")}

    with ThreadPoolExecutor(8) as pool:
        photos = [fresh(large, 410 + n) for n in range(8)]
        answers = list(pool.map(lambda p: suite.submit(p.files), photos))
    grown = {name: suite.memory(name) - before for name, before in held.items()}

    assert {suite.finished(a["task_id"])["status"] for a in answers} == {"SUCCESS"}
    assert grown["gateway"] < 64 * 2**20, grown
    assert max(grown.values()) < 128 * 2**20, grown


def test_redis_sees_ids_only(suite: Suite) -> None:
    large = Face(heavy_png(10), HOPPER.landmarks, HOPPER.label_map)
    before = suite.redis_bytes_received()

    suite.finished(suite.submit(fresh(large, 420).files)["task_id"])

    assert suite.redis_bytes_received() - before < 200_000
