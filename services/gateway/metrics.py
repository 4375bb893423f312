"""What the gateway counts: requests as clients make them, and what the cache answered."""

from __future__ import annotations

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

from services.runtime.metrics import BUCKETS

SIZES = tuple(4**power * 256 for power in range(10))
"""256 bytes to 64 MiB."""

requests = Counter(
    "api_requests_total",
    "Requests ended, by verb, route and status; native calls have the verb GRPC and gRPC's status.",
    ("method", "endpoint", "status"),
)
request_seconds = Histogram(
    "api_request_duration_seconds",
    "Time from a request's first message to its end.",
    ("method", "endpoint"),
    buckets=BUCKETS,
)
request_bytes = Histogram(
    "api_request_size_bytes", "What a request sent.", ("endpoint",), buckets=SIZES
)
response_bytes = Histogram(
    "api_response_size_bytes",
    "What a request was answered, before the door compresses it.",
    ("endpoint",),
    buckets=SIZES,
)
requests_of, request_seconds_of = cache(requests.labels), cache(request_seconds.labels)
request_bytes_of, response_bytes_of = cache(request_bytes.labels), cache(response_bytes.labels)

upload_bytes = Gauge("upload_bytes_in_flight", "Bytes received of requests under way.")

submissions = Counter(
    "task_submissions_total", "Submissions accepted, by what became of them.", ("outcome",)
)
cache_requests = Counter(
    "cache_requests_total",
    "Photos asked for, by whether the cache answered. A lookup in vain is none: the submission that"
    " follows it is.",
    ("result",),
)
cache_hits = Counter("cache_hits_total", "Those that the cache answered.")
lookup_misses = Counter(
    "cache_lookup_misses_total", "Lookups in vain, by what was looked up.", ("by",)
)
cache_requests_of = cache(cache_requests.labels)
hot_hits = Counter(
    "cache_hot_hits_total", "Hits that were answered without asking the cache for them."
)
hit_ratio = Gauge("cache_hit_ratio", "Share of them since the gateway started, 0 to 1.")

webhooks = Counter(
    "webhook_deliveries_total", "Calls of callback URLs, by what became of them.", ("outcome",)
)
for outcome in ("delivered", "retried", "failed"):
    webhooks.labels(outcome)

OUTCOMES = ("new", "hit", "similar")
RESULTS = ("hit", "miss")
HASH, DIGESTS = "input_hash", "digests"
for outcome in OUTCOMES:  # a series that is not there yet looks like one that is broken
    submissions.labels(outcome)
for result in RESULTS:
    cache_requests.labels(result)
for key in (HASH, DIGESTS):
    lookup_misses.labels(key)


def ratio() -> float:
    """Return the share of hits; 0 before the first question."""
    hits, misses = (_value(cache_requests.labels(result)) for result in RESULTS)
    return hits / (hits + misses) if hits else 0.0


def _value(counter: Counter) -> float:
    """Return how far a counter has come."""
    return next(
        sample.value
        for family in counter.collect()
        for sample in family.samples
        if sample.name.endswith("_total")
    )


hit_ratio.set_function(ratio)
