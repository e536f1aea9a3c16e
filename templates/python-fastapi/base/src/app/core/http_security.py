"""What browsers must be told, and what they must not be allowed to do."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from app.config import Settings
from app.core.errors import Problem
from app.core.logging import event

type RawHeaders = list[tuple[bytes, bytes]]

API_CSP = "default-src 'none'; base-uri 'none'; object-src 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
DOCS_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; object-src 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Cache-Control": "no-store",
}
HSTS = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
ALLOW_HEADERS = "authorization, content-type, idempotency-key, x-request-id, traceparent, tracestate, baggage"
EXPOSE_HEADERS = "location, retry-after, ratelimit, ratelimit-policy, x-request-id, idempotent-replayed"
PREFLIGHT_VARY = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"


def raw(headers: Iterable[tuple[str, str]]) -> RawHeaders:
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]


API_HEADERS = raw([("Content-Security-Policy", API_CSP), *SECURITY_HEADERS.items()])
DOCS_HEADERS = raw([("Content-Security-Policy", DOCS_CSP), *SECURITY_HEADERS.items()])
VARY_ORIGIN = raw([("Vary", "Origin")])


def security_headers(path: str) -> RawHeaders:
    return DOCS_HEADERS if path.startswith("/docs") else API_HEADERS


class Hosts:
    """Answers only to its own names; a Host header decides nothing else."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = frozenset(host.lower() for host in allowed)

    def check(self, values: list[str], *, probe: bool) -> None:
        """One Host field, and a known one; probes may use an address."""
        if len(values) == 1:
            host = values[0].lower()
            name = host if host.endswith("]") else host.rpartition(":")[0] or host
            if probe or host in self._allowed or name in self._allowed:
                return
        raise Problem(400, "invalid-host", headers={"Connection": "close"})


class Cors:
    """Cross-origin reads and writes, by exact origin."""

    def __init__(self, settings: Settings) -> None:
        self._origins = frozenset(settings.cors_origins)
        own = urlsplit(settings.public_url)
        self._own = f"{own.scheme}://{own.netloc}"
        extra = (name.lower() for name in settings.cors_allow_headers)
        self._allow_headers = ", ".join([ALLOW_HEADERS, *extra])

    def refuse_cross_origin_write(self, method: str, origin: str | None, site: str | None) -> None:
        """Sec-Fetch-Site where the browser sends it, else Origin; neither means no browser."""
        if method in SAFE_METHODS or origin in self._origins:
            return
        if site is None and (origin is None or origin == self._own):
            return
        if site in ("same-origin", "none"):
            return
        event("malicious_csrf", level="warning", status=403)
        raise Problem(403, "cross-origin-forbidden")

    def refuse_preflight(self, origin: str) -> None:
        if origin not in self._origins:
            event("malicious_cors", level="warning", status=403)
            raise Problem(403, "cross-origin-forbidden")

    def preflight_headers(self, origin: str, methods: str) -> dict[str, str]:
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Credentials": "true",
            "Access-Control-Allow-Methods": methods,
            "Access-Control-Allow-Headers": self._allow_headers,
            "Access-Control-Max-Age": "600",
            "Vary": PREFLIGHT_VARY,
        }

    def response_headers(self, origin: str | None) -> RawHeaders:
        if origin is None or origin not in self._origins:
            return VARY_ORIGIN
        return [
            *VARY_ORIGIN,
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-expose-headers", EXPOSE_HEADERS.encode()),
        ]
