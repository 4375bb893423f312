"""More than can be served is refused with the time to come back; what can be served is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from faults import native
from faults.inputs import files
from faults.rounds import ROUNDS
from faults.strikes import paused
from faults.traffic import NUMBERS
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from suite import SUBMIT

from facesvg.v1 import gateway_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx
    from suite import Suite

# One stack is enough for all of them.
pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]

LIMIT = 20
AT_ONCE = 16
READS = 300 * ROUNDS


@pytest.fixture(scope="module")
def narrow(suite: Suite) -> Iterator[Suite]:
    """Return the suite with a short queue."""
    keeper = suite.stack.part("cache")
    keeper._environment["QUEUE_LIMIT"] = str(LIMIT)
    suite.stack.restart("cache")
    yield suite
    del keeper._environment["QUEUE_LIMIT"]
    suite.stack.restart("cache")


def post(suite: Suite) -> httpx.Response:
    return suite.rest.post(SUBMIT, files=files(next(NUMBERS)))


def waiting(suite: Suite) -> int | None:
    """Return how many tasks wait; None while the cache that was restarted is not back."""
    answer = suite.rest.get("/api/v1/cache/stats")
    return int(answer.json()["pending_tasks"]) if answer.status_code == 200 else None


def test_beyond_the_limit_of_the_queue_submissions_are_told_when_to_come_back(
    narrow: Suite, record_property: Callable[[str, Any], None]
) -> None:
    known = files(next(NUMBERS))
    narrow.finished(narrow.submit(known)["task_id"])
    narrow.until(lambda: waiting(narrow), lambda count: count == 0)  # of tests before

    with paused(narrow.stack, "worker"), ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(lambda _: post(narrow), range(3 * LIMIT)))
        held = [answer.json() for answer in answers if answer.status_code == 200]
        refused = [answer for answer in answers if answer.status_code != 200]
        hit = narrow.submit(known)
        status = narrow.status(held[0]["task_id"])
        listed = narrow.rest.get("/api/v1/tasks").status_code
        health = narrow.rest.get("/health").status_code

    assert {answer.status_code for answer in refused} == {429}
    assert len(held) >= LIMIT
    assert len(held) <= LIMIT + AT_ONCE  # those that were let in side by side
    body = refused[0].json()
    details = {detail["@type"].rpartition(".")[2]: detail for detail in body["details"]}
    assert details["ErrorInfo"]["reason"] == "QUEUE_FULL"
    assert details["ErrorInfo"]["metadata"]["limit"] == str(LIMIT)
    assert details["RetryInfo"]["retry_delay"] == "5s"
    assert refused[0].headers["retry-after"] == "5"
    assert hit["cache_hit"]
    assert (status["status"], listed, health) == ("PENDING", 200, 200)
    assert {narrow.finished(task["task_id"])["status"] for task in held} == {"SUCCESS"}
    assert post(narrow).status_code == 200  # nobody had to help
    line = f"{'overload: queue of ' + str(LIMIT):32}{len(held):9}   refused {len(refused)}"
    record_property("fault", line)


def test_a_native_client_is_told_the_same(narrow: Suite) -> None:
    narrow.until(lambda: waiting(narrow), lambda count: count == 0)  # of tests before
    with (
        paused(narrow.stack, "worker"),
        grpc.insecure_channel(narrow.address("envoy")) as channel,
    ):
        stub = gateway_pb2_grpc.GatewayServiceStub(channel)
        for _ in range(LIMIT):
            stub.Submit(native.messages(next(NUMBERS)), timeout=10)
        with pytest.raises(grpc.RpcError) as full:
            stub.Submit(native.messages(next(NUMBERS)), timeout=10)

    assert full.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    retry = error_details_pb2.RetryInfo()
    assert any(detail.Unpack(retry) for detail in rpc_status.from_call(full.value).details)
    assert retry.retry_delay.seconds == 5
    metadata: Any = full.value.trailing_metadata()
    assert dict(metadata)["retry-after"] == "5"


def test_many_reads_beside_large_uploads_are_all_answered(suite: Suite) -> None:
    task = suite.submit(files(next(NUMBERS)))["task_id"]
    suite.finished(task)
    before = suite.memory("gateway")

    with ThreadPoolExecutor(AT_ONCE) as threads:
        uploads = [threads.submit(upload, suite) for _ in range(4)]
        reads = [threads.submit(suite.status, task) for _ in range(READS)]
        answers = {read.result()["status"] for read in reads}
        codes = {uploaded.result() for uploaded in uploads}

    assert answers == {"SUCCESS"}
    assert codes == {400}  # not a photo; but only the whole of it tells
    assert suite.memory("gateway") - before < 96 * 2**20


def upload(suite: Suite) -> int:
    noise = {"image": bytes(24 * 2**20), "landmarks": files(1)["landmarks"]}
    return suite.rest.post(SUBMIT, files=noise).status_code
