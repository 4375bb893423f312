from __future__ import annotations

import gzip
import socket
import struct
import time
from typing import TYPE_CHECKING, Any

import grpc
import httpx
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from stub_gateway import SVG, StubGateway

from deploy.local.ports import Ports
from deploy.local.settings import Settings
from deploy.local.stack import Stack
from facesvg.v1 import gateway_pb2, gateway_pb2_grpc, operations_pb2, operations_pb2_grpc, task_pb2
from services.runtime import deadlines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

STATUS = "/api/v1/frontal/crop/status"
SUBMIT = "/api/v1/frontal/crop/submit"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with opened(tmp_path_factory.mktemp("door")) as stack:
        yield stack


@pytest.fixture(scope="module")
def gateway(door: Stack) -> Iterator[StubGateway]:
    with StubGateway(door.settings.ports.gateway_port) as stub:
        until(lambda: httpx.get(f"{door.url}/envoy/ready").status_code == 200)
        yield stub


@pytest.fixture
def rest(door: Stack, gateway: StubGateway) -> Iterator[httpx.Client]:
    del gateway
    with httpx.Client(base_url=door.url, trust_env=False) as client:
        yield client


@pytest.fixture
def native(door: Stack, gateway: StubGateway) -> Iterator[grpc.Channel]:
    del gateway
    with grpc.insecure_channel(f"127.0.0.1:{door.settings.ports.api_port}") as channel:
        yield channel


def opened(root: Path, **environment: str) -> Stack:
    return Stack(root, Settings.from_env(environment).on(Ports.free()), only=("envoy",))


def until(holds: Callable[[], bool], *, within: float = 10) -> float:
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < within, f"waited {within} s in vain"
        time.sleep(0.02)
    return time.monotonic() - began


def error(answer: httpx.Response) -> dict[str, Any]:
    """Return the one ErrorInfo of an error, its code and message, and what is worth waiting."""
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    body = answer.json()
    info, *more = body["details"]
    assert info["@type"] == "type.googleapis.com/google.rpc.ErrorInfo"
    assert info["domain"] == "facesvg"
    assert body["message"]
    told = {"code": body["code"], "reason": info["reason"], "message": body["message"]}
    if more:
        (retry,) = more
        assert retry["@type"] == "type.googleapis.com/google.rpc.RetryInfo"
        assert retry["retry_delay"] == answer.headers["retry-after"] + "s"
        told["wait"] = retry["retry_delay"]
    return told


@pytest.mark.parametrize("path", ["/no/such/path", "/api/v1/task", "/openapi_json"])
def test_unknown_path_is_not_found(rest: httpx.Client, path: str) -> None:
    answer = rest.get(path)

    assert answer.status_code == 404
    assert error(answer) | {"message": ""} == {"code": 5, "reason": "NOT_FOUND", "message": ""}


@pytest.mark.parametrize(
    ("verb", "path", "allowed"),
    [
        ("DELETE", "/health", "GET"),
        ("DELETE", "/api/v1/tasks/", "GET"),
        ("POST", "/", "GET"),
        ("HEAD", "/docs?x=1", "GET"),
        ("POST", "/static/a/b.js", "GET"),
        ("PUT", f"{SUBMIT}?preset=features", "POST"),
        ("POST", f"{STATUS}/some", "GET"),
        ("GET", "/api/v1/frontal/crop/some", "DELETE"),
    ],
)
def test_a_verb_that_a_path_does_not_have_is_told_those_it_has(
    rest: httpx.Client, verb: str, path: str, allowed: str
) -> None:
    answer = rest.request(verb, path)

    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    if verb != "HEAD":
        assert error(answer)["reason"] == "NOT_FOUND"
        assert error(answer)["message"].startswith(f"this path takes {allowed};")


def test_value_of_the_wrong_kind_is_malformed(rest: httpx.Client) -> None:
    answer = rest.get("/api/v1/cache/stats", params={"days": "soon"})

    assert answer.status_code == 400
    assert error(answer)["reason"] == "MALFORMED_REQUEST"
    assert 'days: invalid value "soon"' in error(answer)["message"]


def test_escaped_slash_is_refused_in_words(rest: httpx.Client) -> None:
    answer = rest.get(f"{STATUS}/a%2Fb")

    assert answer.status_code == 400
    assert error(answer)["code"] == 3
    assert "escaped slash" in error(answer)["message"]


def test_too_large_headers_are_malformed(rest: httpx.Client) -> None:
    answer = rest.get(f"{STATUS}/x", headers={"x-large": "a" * 40_000})

    assert answer.status_code == 431
    assert error(answer)["reason"] == "MALFORMED_REQUEST"


@pytest.mark.parametrize(
    "name", ["%odd", "x-a!", "x-own-bin", "grpc-trace-bin", "grpc-encoding", "grpc-trailing"]
)
def test_header_that_grpc_cannot_carry_stays_with_the_door(
    rest: httpx.Client, gateway: StubGateway, name: str
) -> None:
    answer = rest.get(f"{STATUS}/some", headers={name: "no base64"})

    assert answer.status_code == 200
    assert name not in gateway.metadata


def test_body_in_an_unknown_coding_is_refused_in_words(door: Stack) -> None:
    with socket.create_connection(("127.0.0.1", door.settings.ports.api_port)) as client:
        client.sendall(b"POST /health HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\n")
        client.settimeout(10)
        answer = client.recv(4096).decode()

    assert answer.startswith("HTTP/1.1 501")
    assert '"reason":"MALFORMED_REQUEST"' in answer


def test_unknown_query_parameter_reaches_the_gateway(
    rest: httpx.Client, gateway: StubGateway
) -> None:
    answer = rest.get("/api/v1/cache/stats?days=3&colour=red")

    assert answer.json()["days"] == 3
    assert gateway.metadata["x-envoy-original-path"] == "/api/v1/cache/stats?days=3&colour=red"


@pytest.mark.parametrize("path", [f"{STATUS}/unknown", "/api/v1/frontal/crop/watch/unknown"])
def test_answer_of_the_gateway_passes_as_it_is(rest: httpx.Client, path: str) -> None:
    answer = rest.get(path)

    assert answer.status_code == 404
    assert error(answer) == {
        "code": 5,
        "reason": "TASK_NOT_FOUND",
        "message": "there is no task unknown",
    }


def test_unavailable_of_the_gateway_keeps_its_words(rest: httpx.Client) -> None:
    answer = rest.get(f"{STATUS}/unavailable")

    assert answer.status_code == 503
    assert error(answer)["message"] == "the cache is away"


def test_deadline_of_a_rest_client_is_kept(rest: httpx.Client) -> None:
    answer = rest.get(f"{STATUS}/slow", headers={"grpc-timeout": "200m"})

    assert answer.status_code == 504
    assert error(answer)["reason"] == "DEADLINE_EXCEEDED"
    assert error(answer)["wait"] == "5s"


def test_deadline_of_a_client_is_told_by_a_header_of_the_doors_own(
    rest: httpx.Client, native: grpc.Channel, gateway: StubGateway
) -> None:
    rest.get(f"{STATUS}/some", headers={"grpc-timeout": "2S", "x-deadline": "9S"})
    told = gateway.metadata["x-deadline"]
    stub = gateway_pb2_grpc.GatewayServiceStub(native)
    stub.GetStatus(gateway_pb2.GetStatusRequest(task_id="some"), timeout=3)
    told_native = deadlines.seconds(gateway.metadata["x-deadline"])
    rest.get(f"{STATUS}/some", headers={"x-deadline": "9S"})

    assert told == "2S"
    assert told_native is not None
    assert 2 < told_native <= 3
    assert "x-deadline" not in gateway.metadata


def test_each_record_of_a_watch_is_sent_at_once(rest: httpx.Client, gateway: StubGateway) -> None:
    with rest.stream("GET", "/api/v1/frontal/crop/watch/some") as answer:
        records = (line for line in answer.iter_lines() if line)
        first = next(records)
        gateway.go_on.set()
        rest_of_it = list(records)

    assert answer.headers["content-type"] == "text/event-stream"
    assert "content-encoding" not in answer.headers
    assert first.startswith('data: {"task_id":"some","status":"PROGRESS"')
    assert [line[:6] for line in rest_of_it] == ["data: "]


def test_length_of_an_upload_reaches_the_gateway(rest: httpx.Client, gateway: StubGateway) -> None:
    rest.post(SUBMIT, content=b"x" * 3_000_000, headers={"content-type": "text/plain"})

    assert gateway.received_bytes == 3_000_000
    assert gateway.metadata["x-upload-content-length"] == "3000000"


def test_client_cannot_claim_a_length(rest: httpx.Client, gateway: StubGateway) -> None:
    rest.post(SUBMIT, content=iter([b"x" * 10]), headers={"x-upload-content-length": "3"})

    assert gateway.received_bytes == 10
    assert "x-upload-content-length" not in gateway.metadata


def test_compressed_svg_keeps_a_weak_etag(rest: httpx.Client) -> None:
    path = "/api/v1/frontal/crop/svg/some"
    plain = rest.get(path, headers={"accept-encoding": "identity"})
    with rest.stream("GET", path, headers={"accept-encoding": "gzip"}) as small:
        packed = b"".join(small.iter_raw())

    assert plain.headers["etag"] == '"abc"'
    assert plain.content == gzip.decompress(packed) == SVG
    assert small.headers["etag"] == 'W/"abc"'
    assert "Accept-Encoding" in small.headers["vary"]
    assert len(packed) < 1000


def test_preflight_allows_a_form(rest: httpx.Client) -> None:
    asked = {"origin": "https://a.example", "access-control-request-method": "POST"}

    answer = rest.options(SUBMIT, headers=asked)

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] in ("*", "https://a.example")
    assert "POST" in answer.headers["access-control-allow-methods"]


def test_every_answer_has_a_request_id(rest: httpx.Client, gateway: StubGateway) -> None:
    answer = rest.get(f"{STATUS}/some")

    assert answer.headers["x-request-id"] == gateway.metadata["x-request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert rest.get("/no/such/path").headers["x-request-id"]
    own = {"x-request-id": "mine"}
    assert rest.get(f"{STATUS}/some", headers=own).headers["x-request-id"] == "mine"


def test_native_grpc_shares_the_port(native: grpc.Channel) -> None:
    stub = gateway_pb2_grpc.GatewayServiceStub(native)

    task = stub.GetStatus(gateway_pb2.GetStatusRequest(task_id="some"), timeout=5)
    with pytest.raises(grpc.RpcError) as refused:
        stub.GetStatus(gateway_pb2.GetStatusRequest(task_id="unknown"), timeout=5)

    assert task.status == "PENDING"
    info = error_details_pb2.ErrorInfo()
    rpc_status.from_call(refused.value).details[0].Unpack(info)
    assert info.reason == "TASK_NOT_FOUND"


def test_operations_are_not_for_clients(native: grpc.Channel) -> None:
    stub = operations_pb2_grpc.OperationsServiceStub(native)

    with pytest.raises(grpc.RpcError) as refused:
        stub.GetInfo(operations_pb2.GetInfoRequest(), timeout=5)

    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert "{" not in str(refused.value.details())


def test_grpc_web_shares_the_port(rest: httpx.Client) -> None:
    message = gateway_pb2.GetStatusRequest(task_id="some").SerializeToString()
    framed = struct.pack(">BI", 0, len(message)) + message

    answer = rest.post(
        "/facesvg.v1.GatewayService/GetStatus",
        content=framed,
        headers={"content-type": "application/grpc-web+proto", "x-grpc-web": "1"},
    )

    assert answer.headers["content-type"] == "application/grpc-web+proto"
    (length,) = struct.unpack(">I", answer.content[1:5])
    assert task_pb2.Task.FromString(answer.content[5 : 5 + length]).status == "PENDING"
    assert b"grpc-status:0" in answer.content[5 + length :]


def test_silent_client_is_let_go(door: Stack) -> None:
    with socket.create_connection(("127.0.0.1", door.settings.ports.api_port)) as client:
        client.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n")
        client.settimeout(10)
        answer = client.recv(4096).decode()

    assert answer.startswith("HTTP/1.1 408")
    assert '"reason":"REQUEST_TIMEOUT"' in answer


def test_too_many_requests_are_limited(tmp_path: Path) -> None:
    with (
        opened(tmp_path, RATE_LIMIT_PER_SECOND="5") as door,
        httpx.Client(base_url=door.url, trust_env=False) as client,
    ):
        answers = [client.get("/no/such/path") for _ in range(20)]

    limited = next(answer for answer in answers if answer.status_code == 429)
    assert error(limited)["code"] == 8
    assert error(limited)["reason"] == "RATE_LIMITED"
    assert error(limited)["wait"] == "1s"


def test_a_native_client_learns_why_nobody_answers(tmp_path: Path) -> None:
    with opened(tmp_path) as door:
        port = door.settings.ports.api_port
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = gateway_pb2_grpc.GatewayServiceStub(channel)
            with pytest.raises(grpc.RpcError) as refused:
                stub.GetStatus(gateway_pb2.GetStatusRequest(task_id="some"), timeout=9)

    info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    details = rpc_status.from_call(refused.value).details
    assert (details[0].Unpack(info), details[1].Unpack(retry)) == (True, True)
    assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
    assert info.reason == "DEPENDENCY_UNAVAILABLE"
    assert retry.retry_delay.seconds == 1
    call: Any = refused.value
    assert ("retry-after", "1") in (*call.initial_metadata(), *call.trailing_metadata())


def test_a_dead_gateway_shows_at_the_door(tmp_path: Path) -> None:
    with opened(tmp_path) as door, httpx.Client(base_url=door.url, trust_env=False) as client:
        port = door.settings.ports.gateway_port
        with StubGateway(port):
            until(lambda: client.get("/envoy/ready").status_code == 200)
            assert client.get(f"{STATUS}/some").status_code == 200

        until(lambda: client.get("/envoy/ready").status_code == 503, within=60)
        answer = client.get(f"{STATUS}/some")
        with grpc.insecure_channel(f"127.0.0.1:{door.settings.ports.api_port}") as channel:
            stub = gateway_pb2_grpc.GatewayServiceStub(channel)
            with pytest.raises(grpc.RpcError) as refused:
                stub.GetStatus(gateway_pb2.GetStatusRequest(task_id="some"), timeout=5)

    assert answer.status_code == 503
    assert error(answer)["code"] == 14
    assert error(answer)["reason"] == "DEPENDENCY_UNAVAILABLE"
    assert error(answer)["wait"] == "1s"
    assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
    assert "{" not in str(refused.value.details())
