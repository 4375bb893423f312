from __future__ import annotations

import pytest

from deploy.monitor.figures import between, is_break, is_refusal
from deploy.monitor.samples import Samples

SUBMIT = 'method="POST",endpoint="/submit"'

BEFORE = f"""\
# TYPE api_requests_total counter
api_requests_total{{{SUBMIT},status="200"}} 100
# TYPE cache_requests_total counter
cache_requests_total{{result="hit"}} 50
cache_requests_total{{result="miss"}} 50
# TYPE cache_hits_total counter
cache_hits_total 50
# TYPE errors_total counter
errors_total{{type="drawing",component="worker"}} 2
"""
AFTER = f"""\
# TYPE api_requests_total counter
api_requests_total{{{SUBMIT},status="200"}} 120
api_requests_total{{{SUBMIT},status="429"}} 3
api_requests_total{{{SUBMIT},status="503"}} 1
api_requests_total{{method="GRPC",endpoint="/Submit",status="OK"}} 100
api_requests_total{{method="GRPC",endpoint="/Render",status="OK"}} 0
# TYPE cache_requests_total counter
cache_requests_total{{result="hit"}} 65
cache_requests_total{{result="miss"}} 55
# TYPE cache_hits_total counter
cache_hits_total 65
# TYPE cache_hit_ratio gauge
cache_hit_ratio 0.54
# TYPE task_queue_size gauge
task_queue_size{{service="cache"}} 7
# TYPE oldest_pending_task_seconds gauge
oldest_pending_task_seconds{{service="cache"}} 12.5
# TYPE worker_threads gauge
worker_threads{{service="worker"}} 2
# TYPE workers_busy gauge
workers_busy{{service="worker"}} 1
# TYPE task_completions_total counter
task_completions_total{{status="SUCCESS"}} 5
task_completions_total{{status="FAILURE"}} 1
# TYPE errors_total counter
errors_total{{type="drawing",component="worker"}} 3
errors_total{{type="KeyError",component="cache"}} 0
# TYPE memory_usage_bytes gauge
memory_usage_bytes{{service="cache"}} 1e6
# TYPE cpu_usage_percent gauge
cpu_usage_percent{{service="cache"}} 12
"""
FIGURES = between(Samples.parsed(BEFORE), Samples.parsed(AFTER), 10)


def test_the_busiest_route_comes_first_with_what_became_of_its_requests() -> None:
    native, submit = FIGURES.routes

    assert (native.method, native.per_second) == ("GRPC", 10)
    assert (submit.per_second, submit.refused, submit.broken, submit.total) == (2.4, 3, 1, 124)


def test_the_hit_ratio_is_of_the_time_between() -> None:
    assert FIGURES.cache.hit_ratio == pytest.approx(15 / 20)
    assert FIGURES.cache.hit_ratio_since_start == 0.54


def test_a_cache_that_was_not_asked_has_no_ratio() -> None:
    after = Samples.parsed(AFTER)

    assert between(after, after, 10).cache.hit_ratio is None


def test_the_queue_is_as_it_is_now_and_drawings_are_of_the_time_between() -> None:
    work = FIGURES.work

    assert (work.waiting, work.oldest_seconds, work.busy, work.workers) == (7, 12.5, 1, 2)
    assert (work.drawn_per_second, work.failed) == (0.5, 1)


def test_errors_that_never_were_are_not_told() -> None:
    [mistake] = FIGURES.mistakes

    assert (mistake.component, mistake.type, mistake.count, mistake.total) == (
        *("worker", "drawing"),
        *(1, 3),
    )


def test_each_service_that_tells_has_its_usage() -> None:
    assert FIGURES.usage["cache"].memory_bytes == 1_000_000
    assert "gateway" not in FIGURES.usage


@pytest.mark.parametrize(
    ("status", "refused", "broken"),
    [
        ("200", False, False),
        ("OK", False, False),
        ("404", True, False),
        ("NOT_FOUND", True, False),
        ("CANCELLED", True, False),
        ("500", False, True),
        ("INTERNAL", False, True),
        ("UNAVAILABLE", False, True),
    ],
)
def test_a_status_is_whose_doing_it_was(status: str, refused: bool, broken: bool) -> None:
    assert (is_refusal(status), is_break(status)) == (refused, broken)
