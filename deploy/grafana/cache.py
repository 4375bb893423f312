"""The cache: how often it answers, what it holds, and how it keeps itself small."""

from deploy.grafana.ask import quantile, rate
from deploy.grafana.board import AREAS, STAT, Board, Panel

OWN = 'job="cache", method=~".*CacheService/.*"'
LOOKUPS = 'method=~".*CacheService/Find.*"'

BOARD = Board(
    uid="facesvg-cache",
    title="facesvg: cache",
    tells="How often the cache answers, what it holds, and how it keeps itself small.",
    rows={
        "Now": (
            Panel(
                "Hit ratio",
                "Of photos asked for in the last quarter of an hour.",
                "percentunit",
                {"hits": "facesvg:cache_hit_ratio:rate15m"},
                looks=STAT,
                width=6,
            ),
            Panel(
                "Hit ratio since the start",
                "Of each gateway, since it started; the mean of them.",
                "percentunit",
                {"hits": "avg(cache_hit_ratio)"},
                looks=STAT,
                width=6,
            ),
            Panel(
                "Drawings held",
                "That answer equal submissions. Every cache tells the same, hence the largest.",
                "short",
                {"drawings": "max(cached_entries_total)"},
                looks=STAT,
                width=6,
            ),
            Panel(
                "Bytes held",
                "Inputs and drawings; CACHE_MAX_SIZE_MB is the limit.",
                "bytes",
                {"held": "max(cache_size_bytes)"},
                looks=STAT,
                width=6,
            ),
        ),
        "Questions": (
            Panel(
                "Photos by answer",
                "Submissions, and lookups that found something; each photo counts once.",
                "reqps",
                {"{{result}}": rate("cache_requests_total", "result")},
                looks=AREAS,
            ),
            Panel(
                "Hit ratio",
                "Sinks with a release that changes drawings, and comes back by itself.",
                "percentunit",
                {
                    "last minutes": f"{rate('cache_hits_total')} / {rate('cache_requests_total')}",
                    "last quarter of an hour": "facesvg:cache_hit_ratio:rate15m",
                },
            ),
            Panel(
                "A lookup takes",
                "In the cache alone: a question to Postgres by its key.",
                "s",
                {
                    "p50": quantile(0.5, "grpc_server_handling_seconds", where=LOOKUPS),
                    "p95": quantile(0.95, "grpc_server_handling_seconds", where=LOOKUPS),
                },
            ),
            Panel(
                "95 of 100 calls take less than, by method",
                "BeginTask and CompleteTask write; a slow disk shows there first.",
                "s",
                {"{{method}}": quantile(0.95, "grpc_server_handling_seconds", "method", where=OWN)},
            ),
            Panel(
                "Calls by method",
                "What gateways, processors and workers ask of the cache.",
                "reqps",
                {"{{method}}": rate("grpc_server_handled_total", "method", where=OWN)},
                looks=AREAS,
            ),
            Panel(
                "Calls that did not end well",
                "RESOURCE_EXHAUSTED is a full queue, UNAVAILABLE is Postgres, or its disk.",
                "reqps",
                {
                    "{{code}}": rate(
                        "grpc_server_handled_total",
                        "code",
                        where='job="cache", code!~"OK|NOT_FOUND|CANCELLED"',
                    )
                    + " or vector(0)"
                },
            ),
        ),
        "Upkeep": (
            Panel(
                "Bytes held",
                "Goes up and down below CACHE_MAX_SIZE_MB; flat at it means that drawings are"
                " evicted.",
                "bytes",
                {"held": "max(cache_size_bytes)"},
            ),
            Panel(
                "Drawings held",
                "That answer equal submissions.",
                "short",
                {"drawings": "max(cached_entries_total)"},
            ),
            Panel(
                "Tasks that clean-ups erased",
                "expired: older than CACHE_TTL_HOURS. evicted: the cache was full.",
                "short",
                {"{{reason}}": rate("cache_erased_tasks_total", "reason")},
                looks=AREAS,
            ),
            Panel(
                "Clean-ups and what they freed",
                "Clean-ups done in an hour, and bytes freed in one.",
                "short",
                {
                    "clean-ups": "sum(increase(cache_sweeps_total[1h]))",
                    "bytes": "sum(increase(cache_freed_bytes_total[1h]))",
                },
            ),
        ),
    },
)
