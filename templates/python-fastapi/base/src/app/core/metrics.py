"""Prometheus metrics, on a port of their own."""

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server

REGISTRY = CollectorRegistry()
REQUESTS = Counter("http_requests", "Answers", ("method", "route", "status"), registry=REGISTRY)
SECONDS = Histogram(
    "http_request_seconds",
    "Time to answer",
    ("method", "route"),
    registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def observe(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answer; `route` is a template, so that a scanner makes no new series."""
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(method, route).observe(seconds)


def serve_metrics(address: str, port: int) -> None:
    start_http_server(port, address, registry=REGISTRY)
