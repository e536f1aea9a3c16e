"""The outermost layer: what every answer carries, whatever happened inside."""

import re
import time
import uuid

from prometheus_client import CollectorRegistry, Histogram
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.client_ip import TrustedProxies
from app.core.db import is_outage
from app.core.errors import Problem
from app.core.http_security import HSTS, Cors, raw, security_headers
from app.core.logging import bind_request, event, log_exception

METRICS = CollectorRegistry()
SECONDS = Histogram(
    "http_request_seconds",
    "Time to answer; the route is a template, so that a scanner makes no new series",
    ("method", "route", "status"),
    registry=METRICS,
)
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
QUIET = frozenset({"/healthz", "/readyz"})


class Envelope:
    """Request id, address, security headers, one log line and one metric a request.

    Nothing gets past it: an exception nobody handled becomes the same bare 500.
    """

    def __init__(self, app: ASGIApp, *, cors: Cors, proxies: TrustedProxies) -> None:
        self._app = app
        self._cors = cors
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = Headers(scope=scope)
        state = scope.setdefault("state", {})
        request_id = state["request_id"] = _request_id(headers.get("x-request-id"))
        state["client_ip"] = self._proxies.client(scope)
        path, method = scope["path"], scope["method"]
        bind_request(
            {
                "request_id": request_id,
                "source_ip": state["client_ip"],
                "user_agent": headers.get("user-agent", "")[:256],
                "method": method,
                "path": path[:256],
            }
        )
        origin, https = headers.get("origin"), self._proxies.is_https(scope)
        status = 0

        async def send_complete(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                added = [*security_headers(path), (b"x-request-id", request_id.encode())]
                if https:
                    added.append(HSTS)
                added += raw(state.get("rate_fields", {}).items())
                own = list(message.get("headers", ()))
                if status == 204:  # nothing has no type
                    own = [field for field in own if field[0] != b"content-type"]
                message["headers"] = own
                preflight = any(name == b"access-control-allow-methods" for name, _ in own)
                own += added if preflight else added + self._cors.response_headers(origin)
            await send(message)

        try:
            await self._app(scope, receive, send_complete)
        except Exception as exc:
            problem = as_problem(exc)
            if status:  # too late to say it otherwise
                raise
            await problem.response(request_id)(scope, receive, send_complete)
        finally:
            route = state.get("route", "(unknown)")
            SECONDS.labels(method, route, str(status)).observe(time.perf_counter() - started)
            if status == 422:
                event("input_validation_fail", level="warning", status=status)
            event("http_request", level="debug" if path in QUIET else "info", status=status)


def as_problem(exc: Exception) -> Problem:
    """What a caller learns of any exception."""
    if isinstance(exc, Problem):
        return exc
    log_exception(exc)
    if is_outage(exc):
        return Problem(503, "unavailable", headers={"Retry-After": "5"})
    if isinstance(exc, (IntegrityError, StaleDataError)):  # a row came or went meanwhile
        return Problem(409, "conflict")
    return Problem(500, "internal")


def _request_id(given: str | None) -> str:
    if given is not None and REQUEST_ID.fullmatch(given):
        return given
    return uuid.uuid4().hex
