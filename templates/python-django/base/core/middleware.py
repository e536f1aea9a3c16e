"""The outermost layer: what every answer carries, whatever happened inside."""

import re
import time
import uuid

from django.conf import settings
from django.http import HttpResponse
from prometheus_client import CollectorRegistry, Histogram

from core.client_ip import TrustedProxies, network
from core.http import GetResponse, Request
from core.logging import bind_request, event

METRICS = CollectorRegistry()
SECONDS = Histogram(
    "http_request_seconds",
    "Time to answer; the route is a template, so that a scanner makes no new series",
    ("method", "route", "status"),
    registry=METRICS,
)
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
QUIET = frozenset({"/healthz", "/readyz"})
# Beside what Django's own middleware sets.
HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Cache-Control": "no-store",
}


class EnvelopeMiddleware:
    """Request id, address, headers, one log line and one metric a request."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._proxies = TrustedProxies(settings.TRUSTED_PROXIES)

    def __call__(self, request: Request) -> HttpResponse:
        started = time.perf_counter()
        self._open(request)
        response = self._get_response(request)
        for name, value in HEADERS.items():
            response.headers[name] = value
        response.headers["X-Request-Id"] = request.request_id
        if response.status_code == 204:  # nothing has no type
            del response.headers["Content-Type"]
        # <% if .benchmark %>
        elif response.streaming:
            response.headers["X-Accel-Buffering"] = "no"
        # <% end %>
        else:
            response.headers["Content-Length"] = str(len(response.content))
        self._close(request, response.status_code, time.perf_counter() - started)
        return response

    def _open(self, request: Request) -> None:
        meta = request.META
        given = meta.get("HTTP_X_REQUEST_ID", "")
        request.request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        peer = meta["REMOTE_ADDR"]
        request.client_ip = self._proxies.client(peer, meta.get("HTTP_X_FORWARDED_FOR", ""))
        request.network = request.user_key = network(request.client_ip)
        request.route = "(unknown)"
        if not self._proxies.trusts(peer):
            # Django would believe it of anybody (SECURE_PROXY_SSL_HEADER).
            meta.pop("HTTP_X_FORWARDED_PROTO", None)
        bind_request(
            {
                "request_id": request.request_id,
                "source_ip": request.client_ip,
                "user_agent": meta.get("HTTP_USER_AGENT", "")[:256],
                "method": request.method,
                "path": request.path[:256],
            }
        )

    def _close(self, request: Request, status: int, seconds: float) -> None:
        method = request.method if request.method in METHODS else "(other)"
        SECONDS.labels(method, request.route, str(status)).observe(seconds)
        if status == 422:
            event("input_validation_fail", level="warning", status=status)
        event("http_request", level="debug" if request.path in QUIET else "info", status=status)
