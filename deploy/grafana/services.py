"""The services as a whole: is everything there, how much is asked, how fast, what breaks."""

from deploy.grafana.ask import quantile, rate
from deploy.grafana.board import AREAS, STAT, Board, Panel

# Probes and Prometheus itself are no work; they would hide what is.
ASKED = 'method!~"/grpc.health.*|.*OperationsService.*"'

BOARD = Board(
    uid="facesvg-services",
    title="facesvg: services",
    tells="Is everything there, how much is asked of it, how fast is it, and what breaks.",
    rows={
        "Now": (
            Panel(
                "Services that answer",
                "Processes that Prometheus reaches, by job; 0 is a service that is away.",
                "short",
                {"{{job}}": 'sum by (job) (up{job=~"gateway|processor|cache|worker|envoy"})'},
                looks=STAT,
                width=8,
                limits=(1, 0.5),
            ),
            Panel(
                "Dependencies that answer",
                "What services see of Redis and Postgres: 0 is one that does not answer.",
                "short",
                {"{{dependency}}": "min by (dependency) (dependency_up)"},
                looks=STAT,
                width=6,
                limits=(1, 0.5),
            ),
            Panel(
                "Requests",
                "All that clients ask, REST and native.",
                "reqps",
                {"requests": rate("api_requests_total")},
                looks=STAT,
                width=3,
            ),
            Panel(
                "95 of 100 requests take less than",
                "All routes together; uploads on thin lines count in full.",
                "s",
                {"p95": quantile(0.95, "api_request_duration_seconds")},
                looks=STAT,
                width=4,
                limits=(0.5, 1),
            ),
            Panel(
                "Broken calls",
                "The share that ends in a mistake of ours; an alert from 1 %.",
                "percentunit",
                {"broken": "facesvg:calls_broken:ratio5m"},
                looks=STAT,
                width=3,
                limits=(0.001, 0.01),
            ),
        ),
        "Requests": (
            Panel(
                "Requests by route",
                "What clients ask, as the gateway counts it.",
                "reqps",
                {"{{method}} {{endpoint}}": rate("api_requests_total", "method", "endpoint")},
                looks=AREAS,
            ),
            Panel(
                "Requests by status",
                "4xx is the client's doing; 5xx, UNAVAILABLE and INTERNAL are ours.",
                "reqps",
                {"{{status}}": rate("api_requests_total", "status")},
                looks=AREAS,
            ),
            Panel(
                "95 of 100 take less than, by route",
                "The last five minutes; an alert from a second for submit and status.",
                "s",
                {"{{endpoint}}": "endpoint:api_request_duration_seconds:p95"},
            ),
            Panel(
                "Half of them take less than, by route",
                "What a client usually waits.",
                "s",
                {"{{endpoint}}": quantile(0.5, "api_request_duration_seconds", "endpoint")},
            ),
            Panel(
                "Bytes a request sends and is answered",
                "Nineteen of twenty stay below; photos are what is large.",
                "bytes",
                {
                    "sent": quantile(0.95, "api_request_size_bytes"),
                    "answered": quantile(0.95, "api_response_size_bytes"),
                },
            ),
            Panel(
                "Bytes in flight",
                "Received of requests that have not ended: the gateway's memory grows with it.",
                "bytes",
                {"in flight": "sum(upload_bytes_in_flight)"},
            ),
        ),
        "Between the services": (
            Panel(
                "Calls by service and status",
                "gRPC between the parts, without probes.",
                "reqps",
                {"{{job}} {{code}}": rate("grpc_server_handled_total", "job", "code", where=ASKED)},
                looks=AREAS,
            ),
            Panel(
                "95 of 100 calls take less than, by service",
                "Where the time of a slow request goes.",
                "s",
                {"{{job}}": quantile(0.95, "grpc_server_handling_seconds", "job", where=ASKED)},
            ),
            Panel(
                "Errors of our own",
                "By type and part; each has a traceback in the logs, with its request id.",
                "short",
                {"{{component}} {{type}}": rate("errors_total", "component", "type")},
            ),
            Panel(
                "Refusals",
                "Calls that end as an error we know: bad input, a full queue, a disk without room.",
                "short",
                {"{{component}} {{type}}": rate("refusals_total", "component", "type")},
                looks=AREAS,
            ),
        ),
        "Machine": (
            Panel(
                "Processor",
                "Of one core each; workers may take all there are.",
                "percent",
                {"{{job}}": "sum by (job) (cpu_usage_percent)"},
                looks=AREAS,
            ),
            Panel(
                "Memory",
                "Resident.",
                "bytes",
                {"{{job}}": "sum by (job) (memory_usage_bytes)"},
                looks=AREAS,
            ),
            Panel(
                "Versions",
                "Two of one service: a release is under way, or was left half done.",
                "short",
                {"{{job}} {{version}}": "sum by (job, version) (build_info)"},
                looks=STAT,
                width=24,
            ),
        ),
    },
)
