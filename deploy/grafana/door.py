"""Envoy: what comes in at the door, what it turns away, and what it sees of the gateways."""

from deploy.grafana.ask import quantile, rate
from deploy.grafana.board import AREAS, STAT, Board, Panel

DOOR = 'envoy_http_conn_manager_prefix="door"'
GATEWAY = 'envoy_cluster_name="gateway"'
MS = "ms"
"""Envoy's histograms are in milliseconds."""

BOARD = Board(
    uid="facesvg-envoy",
    title="facesvg: Envoy",
    tells="What comes in at the door, what it turns away, and what it sees of the gateways.",
    rows={
        "Now": (
            Panel(
                "Requests",
                "All that come in, also what never reaches a gateway.",
                "reqps",
                {"requests": rate("envoy_http_downstream_rq_total", where=DOOR)},
                looks=STAT,
                width=6,
            ),
            Panel(
                "Gateways that are healthy",
                "By the door's own checks; with none it answers 503.",
                "short",
                {"healthy": f"min(envoy_cluster_membership_healthy{{{GATEWAY}}})"},
                looks=STAT,
                width=6,
                limits=(1, 0.5),
            ),
            Panel(
                "Connections",
                "Of clients, open now.",
                "short",
                {"open": f"sum(envoy_http_downstream_cx_active{{{DOOR}}})"},
                looks=STAT,
                width=6,
            ),
            Panel(
                "Heap",
                "Of its limit, in percent; from 95 on it takes no requests.",
                "percent",
                {"heap": "max(envoy_overload_envoy_resource_monitors_fixed_heap_pressure)"},
                looks=STAT,
                width=6,
                limits=(80, 90),
            ),
        ),
        "Clients": (
            Panel(
                "Answers by class",
                "5xx that the gateway does not count are the door's own: no gateway was healthy.",
                "reqps",
                {
                    "{{envoy_response_code_class}}xx": rate(
                        "envoy_http_downstream_rq_xx", "envoy_response_code_class", where=DOOR
                    )
                },
                looks=AREAS,
            ),
            Panel(
                "A request takes, as clients see it",
                "With the upload and the answer on their line.",
                MS,
                {
                    "p50": quantile(0.5, "envoy_http_downstream_rq_time", where=DOOR),
                    "p95": quantile(0.95, "envoy_http_downstream_rq_time", where=DOOR),
                },
            ),
            Panel(
                "Turned away",
                "Too many at once (429), too slow to send their headers or body (408), left early.",
                "reqps",
                {
                    "rate limit": rate("envoy_http_local_rate_limit_rate_limited"),
                    "slow headers": rate("envoy_http_downstream_rq_header_timeout", where=DOOR),
                    "slow body": rate("envoy_http_downstream_rq_timeout", where=DOOR),
                    "left early": rate("envoy_http_downstream_rq_rx_reset", where=DOOR),
                },
            ),
            Panel(
                "Bytes in and out",
                "Of clients; photos come in, drawings go out, compressed.",
                "Bps",
                {
                    "in": rate("envoy_http_downstream_cx_rx_bytes_total", where=DOOR),
                    "out": rate("envoy_http_downstream_cx_tx_bytes_total", where=DOOR),
                },
            ),
            Panel(
                "Connections and requests under way",
                "Connections without requests are kept alive, and cost little.",
                "short",
                {
                    "connections": f"sum(envoy_http_downstream_cx_active{{{DOOR}}})",
                    "requests": f"sum(envoy_http_downstream_rq_active{{{DOOR}}})",
                },
            ),
            Panel(
                "Answers compressed to",
                "Bytes sent of those that were compressed, before and after.",
                "Bps",
                {
                    "before": rate(
                        "envoy_http_compressor_gzip_gzip_response_total_uncompressed_bytes"
                    ),
                    "after": rate(
                        "envoy_http_compressor_gzip_gzip_response_total_compressed_bytes"
                    ),
                },
            ),
        ),
        "Gateways": (
            Panel(
                "A gateway takes",
                "What is left of the clients' time is their line, and the door.",
                MS,
                {
                    "p50": quantile(0.5, "envoy_cluster_upstream_rq_time", where=GATEWAY),
                    "p95": quantile(0.95, "envoy_cluster_upstream_rq_time", where=GATEWAY),
                },
            ),
            Panel(
                "Healthy gateways",
                "Of those that are configured.",
                "short",
                {
                    "healthy": f"sum(envoy_cluster_membership_healthy{{{GATEWAY}}})",
                    "configured": f"sum(envoy_cluster_membership_total{{{GATEWAY}}})",
                },
            ),
            Panel(
                "Asked again",
                "Reads that a gateway did not answer, and those that had no place in the queue.",
                "reqps",
                {
                    "asked again": rate("envoy_cluster_upstream_rq_retry", where=GATEWAY),
                    "no place": rate("envoy_cluster_upstream_rq_pending_overflow", where=GATEWAY),
                    "not connected": rate("envoy_cluster_upstream_cx_connect_fail", where=GATEWAY),
                },
            ),
            Panel(
                "Memory of the door",
                "Allocated; bounded by its limits, however large uploads are.",
                "bytes",
                {"allocated": "sum(envoy_server_memory_allocated)"},
            ),
        ),
    },
)
