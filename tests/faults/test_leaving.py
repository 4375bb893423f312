"""The end of a service under load: a rolling restart, and watchers that live through it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from faults import native
from faults.inputs import files, heavy
from faults.rounds import ROUNDS
from faults.strikes import paused
from faults.traffic import NUMBERS, flowing
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from suite import FINAL

from facesvg.v1 import cache_pb2, gateway_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from suite import Suite

# One stack is enough for all of them.
pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]

WATCHES = 20
ROLLED = ("worker", "processor", "cache", "gateway")


def reason(error: grpc.RpcError) -> tuple[grpc.StatusCode, str]:
    """Return code and reason of a refusal, whoever gave it."""
    info = error_details_pb2.ErrorInfo()
    status = rpc_status.from_call(error)
    assert status is not None, error
    assert any(detail.Unpack(info) for detail in status.details), error
    return error.code(), info.reason


def test_a_rolling_restart_loses_nothing_and_answers_every_client(
    suite: Suite, record_property: Callable[[str, Any], None]
) -> None:
    refusals: set[tuple[grpc.StatusCode, str]] = set()

    def submit_natively() -> None:
        with grpc.insecure_channel(suite.address("envoy")) as channel:
            stub = gateway_pb2_grpc.GatewayServiceStub(channel)
            while not traffic.is_over.wait(0.1):
                number = next(NUMBERS)
                try:
                    answer = stub.Submit(native.messages(number), timeout=10)
                    traffic.history.accept(number, answer.task_id)
                except grpc.RpcError as error:
                    refusals.add(reason(error))

    with ThreadPoolExecutor(1) as thread, flowing(suite) as traffic:
        run = thread.submit(submit_natively)
        for part in ROLLED * ROUNDS:
            suite.stack.restart(part)
            traffic.flows(3)

    run.result()
    assert refusals <= {(grpc.StatusCode.UNAVAILABLE, "DEPENDENCY_UNAVAILABLE")}
    assert traffic.history.refused.keys() <= {"DEPENDENCY_UNAVAILABLE"}
    traffic.history.check(suite)
    refused = sum(traffic.history.refused.values())
    record_property("fault", f"{'rolling restart':32}{traffic.history.size:9}  refused {refused}")


def test_watches_outlive_the_cache_and_are_told_when_their_gateway_goes(suite: Suite) -> None:
    with paused(suite.stack, "worker"):
        task_id = suite.submit(files(next(NUMBERS)))["task_id"]
        with grpc.insecure_channel(suite.address("envoy")) as channel:
            stub = gateway_pb2_grpc.GatewayServiceStub(channel)
            request = cache_pb2.WatchTaskRequest(task_id=task_id)
            watches = [stub.WatchTask(request) for _ in range(WATCHES)]
            assert {next(records).status for records in watches} == {"PENDING"}

            suite.stack.restart("cache")
            # Asked for again.
            assert {next(records).status for records in watches} == {"PENDING"}
            suite.stack.restart("gateway")

            ends = {reason(ending(records)) for records in watches}
    assert ends == {(grpc.StatusCode.UNAVAILABLE, "DEPENDENCY_UNAVAILABLE")}
    path = f"/api/v1/frontal/crop/watch/{task_id}"
    with suite.rest.stream("GET", path) as events:
        last = [line for line in events.iter_lines() if line.startswith("data:")][-1]
    assert json.loads(last.removeprefix("data: "))["status"] in FINAL


def ending(records: Any) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as ended:
        list(records)
    return ended.value


def test_a_worker_that_is_told_to_end_gives_back_what_it_holds(suite: Suite) -> None:
    slow = heavy(next(NUMBERS))
    task_id = suite.submit(slow)["task_id"]
    suite.until(lambda: suite.status(task_id)["status"], lambda status: status == "PROGRESS")

    suite.stack.part("worker").stop()

    task = suite.status(task_id)
    assert (task["status"], task["attempt"]) in {("PENDING", 0), ("SUCCESS", 1)}
    suite.stack.restart("worker")
    assert suite.finished(task_id)["attempt"] == 1


@pytest.mark.parametrize("state", ["PENDING", "PROGRESS"])
def test_a_cancelled_task_is_not_drawn(suite: Suite, state: str) -> None:
    if state == "PENDING":
        with paused(suite.stack, "worker"):
            task_id = suite.submit(files(next(NUMBERS)))["task_id"]
            cancel(suite, task_id)
    else:
        task_id = suite.submit(heavy(next(NUMBERS)))["task_id"]
        suite.until(lambda: suite.status(task_id)["status"], lambda status: status == "PROGRESS")
        cancel(suite, task_id)

    log = suite.stack.layout.log("worker")
    if state == "PROGRESS":
        suite.until(lambda: told(log, "task was taken away", task_id), bool)
    suite.finished(suite.submit(files(next(NUMBERS)))["task_id"])  # the worker goes on
    assert suite.status(task_id)["status"] == "CANCELLED"
    assert not told(log, "task done", task_id)


def told(log: Path, sentence: str, task_id: str) -> bool:
    return any(sentence in line and task_id in line for line in log.read_text().splitlines())


def cancel(suite: Suite, task_id: str) -> None:
    answer = suite.rest.post(f"/api/v1/frontal/crop/cancel/{task_id}")
    assert answer.json()["status"] == "CANCELLED"
