"""Every series that is promised is there from the start, and no stranger makes another."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import grpc
from faces import face
from grpc_health.v1 import health
from grpc_reflection.v1alpha import reflection
from prometheus_client.parser import text_string_to_metric_families

from facesvg.v1 import cache_pb2, gateway_pb2, operations_pb2, pages_pb2, processor_pb2
from services import __version__
from services.cache import faults as caches
from services.cache.records import Status
from services.gateway import faults as gateways
from services.gateway.traffic import HTTP, METHODS, NATIVE, ROUTES
from services.processor import faults as processors
from services.processor.masks.steps import STEPS
from services.runtime.faults import COMMON
from services.runtime.metrics import OTHER
from services.runtime.series import MISTAKES, methods

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prometheus_client.samples import Sample
    from suite import Suite

HOPPER = face("hopper")
PARTS = {"gateway", "processor", "cache", "worker"}
CONTRACTS = (cache_pb2, gateway_pb2, operations_pb2, pages_pb2, processor_pb2)

# What the service before this one counted, and what an operator is promised beside it.
COUNTED = {
    *("api_requests_total", "api_request_duration_seconds_count", "api_request_size_bytes_count"),
    *("api_response_size_bytes_count", "task_submissions_total", "task_completions_total"),
    *("task_processing_duration_seconds_count", "task_queue_size", "active_tasks_count"),
    *("cache_requests_total", "cache_hits_total", "cache_hit_ratio", "cached_entries_total"),
    *("image_processing_duration_seconds_count", "landmarks_processed_total"),
    *("regions_generated_total", "errors_total", "refusals_total", "tasks_by_state"),
    *("oldest_pending_task_seconds", "upload_bytes_in_flight", "cache_lookup_misses_total"),
    *("cache_erased_tasks_total", "cache_freed_bytes_total", "workers_busy"),
    "webhook_deliveries_total",
}
CALLS = {f"grpc_server_{name}" for name in ("started_total", "handled_total")}
OWN = {"memory_usage_bytes", "cpu_usage_percent", "build_info"}
ALL = {*COUNTED, *CALLS, *OWN, "worker_threads", "dependency_up", "cache_sweeps_total"}


def known(*tables: Iterable[type[BaseException]]) -> set[str]:
    return {kind.__name__ for table in tables for kind in table}


def closed() -> dict[str, set[str]]:
    """Return all values that a label can have."""
    codes = {code.name for code in grpc.StatusCode}
    own = [s.full_name for file in CONTRACTS for s in file.DESCRIPTOR.services_by_name.values()]
    calls = methods([*own, health.SERVICE_NAME, reflection.SERVICE_NAME])
    refusals = known(COMMON, gateways.FAULTS, processors.FAULTS, caches.FAULTS)
    return {
        "service": PARTS,
        "component": PARTS,
        "method": {OTHER, NATIVE, *calls, *(verb for verb, _ in ROUTES.values())},
        "endpoint": {OTHER, *METHODS, *(path for _, path in ROUTES.values())},
        "code": codes,
        "status": {*codes, *HTTP.values(), "500", *Status},
        "state": {*Status},
        "step": {step.__name__ for step in STEPS},
        "result": {"hit", "miss"},
        "outcome": {"new", "hit", "similar", "delivered", "retried", "failed"},
        "by": {"input_hash", "digests"},
        "reason": {"expired", "evicted"},
        "dependency": {"cache", "processor", "redis", "postgres"},
        "type": {*MISTAKES, *refusals, "drawing"},
        "version": {__version__},
    }


def read(page: str) -> list[Sample]:
    return [one for family in text_string_to_metric_families(page) for one in family.samples]


def test_all_that_is_promised_is_there_before_anything_is_asked(suite: Suite) -> None:
    first = read(suite.first_page)

    assert ALL - {sample.name for sample in first} == set()
    grown = {sample.name for sample in first if sample.name in COUNTED and sample.value}
    assert grown <= {"api_requests_total", "api_response_size_bytes_count"} | {
        "api_request_duration_seconds_count",
        "api_request_size_bytes_count",
    }  # by the question itself, when it had to be asked again


def test_each_part_tells_its_version_and_what_it_takes(suite: Suite) -> None:
    for name in OWN:
        parts = {one.labels["service"] for one in read(suite.first_page) if one.name == name}

        assert parts == PARTS


def test_nobody_makes_series_by_asking_for_something_odd(suite: Suite) -> None:
    stranger = "x-stranger"
    suite.rest.get(f"/{stranger}")
    suite.rest.request(stranger.upper(), "/health")
    suite.rest.get(f"/api/v1/frontal/crop/status/{stranger}", headers={"host": stranger})
    suite.rest.post("/api/v1/frontal/crop/submit", files=HOPPER.files, params={stranger: "1"})
    for part in ("envoy", "gateway", "cache"):
        with grpc.insecure_channel(suite.address(part)) as channel:
            call: Any = channel.unary_unary(f"/facesvg.v1.GatewayService/{stranger}")
            with suppress(grpc.RpcError):
                call(b"", timeout=20)

    page = suite.rest.get("/metrics").text
    values = {**closed(), "le": set[str]()}
    own = [sample for sample in read(page) if not sample.name.startswith("python_")]
    strange = {
        (sample.name, label, value)
        for sample in own
        for label, value in sample.labels.items()
        if values[label] and value not in values[label]
    }
    assert strange == set()
    assert stranger not in page.lower()
