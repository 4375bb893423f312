"""PromQL that several dashboards ask in the same words."""

RATE = "$__rate_interval"
"""Grafana's own: at least four scrapes, whatever the zoom."""


def rate(metric: str, *by: str, where: str = "") -> str:
    """Return how much a counter grows a second, summed by some labels.

    >>> rate("errors_total", "type", where='component="cache"')
    'sum by (type) (rate(errors_total{component="cache"}[$__rate_interval]))'
    """
    return f"{total(by)}(rate({metric}{braced(where)}[{RATE}]))"


def quantile(share: float, histogram: str, *by: str, where: str = "") -> str:
    """Return what this share of observations stays below.

    >>> quantile(0.95, "call_seconds", "job")
    'histogram_quantile(0.95, sum by (le, job) (rate(call_seconds_bucket[$__rate_interval])))'
    """
    return f"histogram_quantile({share}, {rate(f'{histogram}_bucket', 'le', *by, where=where)})"


def mean(histogram: str, *by: str) -> str:
    """Return the mean of observations; nothing where there are none."""
    return f"{rate(f'{histogram}_sum', *by)} / ({rate(f'{histogram}_count', *by)} > 0)"


def spread(histogram: str, where: str = "") -> dict[str, str]:
    """Return the three quantiles that are looked at together, by their legends."""
    return {
        f"p{share * 100:g}": quantile(share, histogram, where=where) for share in (0.5, 0.95, 0.99)
    }


def total(by: tuple[str, ...]) -> str:
    """Return the sum that keeps these labels."""
    return f"sum by ({', '.join(by)}) " if by else "sum"


def braced(where: str) -> str:
    """Return conditions as PromQL has them."""
    return f"{{{where}}}" if where else ""
