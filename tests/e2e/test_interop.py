"""The cases of gRPC's interoperability tests, on our own services and through the door."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from e2e.test_grpc import messages
from faces import face, fresh
from faults.strikes import paused
from google.rpc import error_details_pb2
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_status import rpc_status

from facesvg.v1 import cache_pb2
from facesvg.v1 import gateway_pb2 as pb
from facesvg.v1 import gateway_pb2_grpc as rpc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from suite import Suite

pytestmark = pytest.mark.e2e

HOPPER = face("hopper")
Code = grpc.StatusCode
UNKNOWN_TASK = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(params=["envoy", "gateway"])
def channel(request: pytest.FixtureRequest, suite: Suite) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(suite.address(request.param)) as channel:
        yield channel


@pytest.fixture
def gateway(channel: grpc.Channel) -> rpc.GatewayServiceStub:
    return rpc.GatewayServiceStub(channel)


def never_ending(release: threading.Event) -> Iterator[pb.SubmitRequest]:
    """Send a header, and then nothing until told."""
    yield next(iter(messages(HOPPER)))
    release.wait(30)


def test_cancel_after_begin(suite: Suite, gateway: rpc.GatewayServiceStub) -> None:
    before, release = suite.task_ids(), threading.Event()
    call = gateway.Submit.future(never_ending(release))

    assert call.cancel()
    release.set()

    assert call.code() == Code.CANCELLED
    suite.settle()
    assert suite.task_ids() == before


def test_cancel_after_first_response(
    suite: Suite, gateway: rpc.GatewayServiceStub, request: pytest.FixtureRequest
) -> None:
    number = {"envoy": 7001, "gateway": 7002}[request.node.callspec.params["channel"]]
    with paused(suite.stack, "worker"):  # else the watch may end before it is cancelled
        task_id = gateway.Submit(messages(fresh(HOPPER, number), min_area=9)).task_id
        watch = gateway.WatchTask(cache_pb2.WatchTaskRequest(task_id=task_id))
        assert next(watch).task_id == task_id

        watch.cancel()

        with pytest.raises(grpc.RpcError) as caught:
            list(watch)
    assert caught.value.code() == Code.CANCELLED
    assert suite.finished(task_id)["status"] == "SUCCESS"  # who watches decides nothing


def test_empty_stream(gateway: rpc.GatewayServiceStub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        gateway.Submit(iter(()))

    assert reason(caught.value) == (Code.INVALID_ARGUMENT, "TRUNCATED_UPLOAD")


@pytest.fixture
def reflection(channel: grpc.Channel) -> Any:
    """Return the one method of the suite in which both sides send."""
    return reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo


def question() -> reflection_pb2.ServerReflectionRequest:
    return reflection_pb2.ServerReflectionRequest(list_services="")


def test_empty_stream_of_both_sides(reflection: Any) -> None:
    assert list(reflection(iter(()), timeout=10)) == []


def test_ping_pong(reflection: Any) -> None:
    answered = threading.Semaphore(1)  # each question waits for the answer before it

    def asking() -> Iterator[reflection_pb2.ServerReflectionRequest]:
        for _ in range(4):
            assert answered.acquire(timeout=10)
            yield question()

    found = []
    for answer in reflection(asking(), timeout=20):
        found.append(len(answer.list_services_response.service))
        answered.release()

    assert len(found) == 4
    assert found[0] > 3


def test_half_duplex(reflection: Any) -> None:
    """All questions are there before the first answer is read."""
    sent = threading.Event()

    def asking() -> Iterator[reflection_pb2.ServerReflectionRequest]:
        yield from (question() for _ in range(8))
        sent.set()

    answers = reflection(asking(), timeout=20)
    assert sent.wait(10)

    assert len(list(answers)) == 8


def test_cancel_of_both_sides_after_the_first_response(reflection: Any) -> None:
    release = threading.Event()

    def asking() -> Iterator[reflection_pb2.ServerReflectionRequest]:
        yield question()
        release.wait(30)

    call = reflection(asking(), timeout=20)
    next(call)

    call.cancel()
    release.set()

    with pytest.raises(grpc.RpcError) as caught:
        next(call)
    assert caught.value.code() == Code.CANCELLED


def test_deadline_on_a_sleeping_client(gateway: rpc.GatewayServiceStub) -> None:
    release = threading.Event()
    with pytest.raises(grpc.RpcError) as caught:
        gateway.Submit(never_ending(release), timeout=0.3)
    release.set()

    assert caught.value.code() == Code.DEADLINE_EXCEEDED


@pytest.mark.parametrize(
    "method", ["/facesvg.v1.GatewayService/Nothing", "/facesvg.v1.Nothing/Submit"]
)
def test_unimplemented_method_or_service(channel: grpc.Channel, method: str) -> None:
    call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(method)

    with pytest.raises(grpc.RpcError) as caught:
        call(b"", timeout=10)

    assert reason(caught.value) == (Code.UNIMPLEMENTED, "NOT_FOUND")


def test_a_message_that_is_none_is_refused(channel: grpc.Channel) -> None:
    call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(
        "/facesvg.v1.GatewayService/GetStatus"
    )

    with pytest.raises(grpc.RpcError) as caught:
        call(b"no message", timeout=10)

    assert reason(caught.value) == (Code.INVALID_ARGUMENT, "MALFORMED_REQUEST")


def test_special_characters_of_a_message_arrive(gateway: rpc.GatewayServiceStub) -> None:
    odd = "tab\t %25 \N{GRINNING FACE} é"

    with pytest.raises(grpc.RpcError) as caught:
        gateway.GetStatus(pb.GetStatusRequest(task_id=odd))

    assert repr(odd) in str(caught.value.details())
    assert reason(caught.value) == (Code.NOT_FOUND, "TASK_NOT_FOUND")


def test_metadata_of_some_kibibytes_passes(gateway: rpc.GatewayServiceStub) -> None:
    metadata = (("x-long", "a" * 24_000),)

    gateway.ListTasks(cache_pb2.ListTasksRequest(page_size=1), metadata=metadata)


def test_metadata_of_many_kibibytes_is_refused_and_the_next_call_is_not(
    gateway: rpc.GatewayServiceStub,
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        gateway.ListTasks(
            cache_pb2.ListTasksRequest(page_size=1), metadata=(("x-long", "a" * 200_000),)
        )

    # A service refuses the call; Envoy lets the whole connection go.
    assert caught.value.code() in {Code.RESOURCE_EXHAUSTED, Code.UNAVAILABLE}
    gateway.ListTasks(cache_pb2.ListTasksRequest(page_size=1))


def test_a_message_beyond_four_mebibytes_is_refused(gateway: rpc.GatewayServiceStub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        gateway.GetStatus(pb.GetStatusRequest(task_id="a" * 5_000_000))

    assert caught.value.code() == Code.RESOURCE_EXHAUSTED


def reason(error: grpc.RpcError) -> tuple[grpc.StatusCode, str]:
    """Return code and reason of an error."""
    status = rpc_status.from_call(error)
    assert status is not None
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    return error.code(), info.reason
