"""Cross-origin reads and writes, by exact origin."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse

from core.http import GetResponse, Request
from core.logging import event
from core.problem import Problem

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
ALLOW_HEADERS = "authorization, content-type, idempotency-key, x-request-id, traceparent, tracestate, baggage"
EXPOSE_HEADERS = "location, retry-after, ratelimit, ratelimit-policy, x-request-id, idempotent-replayed"
PREFLIGHT_VARY = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"


class CorsMiddleware:
    """Lets allowed origins read every answer, errors too."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._origins = frozenset(settings.CORS_ORIGINS)

    def __call__(self, request: Request) -> HttpResponse:
        response = self._get_response(request)
        origin = request.META.get("HTTP_ORIGIN")
        response.headers.setdefault("Vary", "Origin")
        if origin is not None and origin in self._origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Credentials"] = "true"
            if "Access-Control-Allow-Methods" not in response.headers:
                response.headers["Access-Control-Expose-Headers"] = EXPOSE_HEADERS
        return response


def refuse_cross_origin(request: Request) -> None:
    """Preflights of other origins, and writes that a page of another origin makes.

    Browsers send Sec-Fetch-Site, older ones Origin; neither means no browser.
    """
    origin, site = request.META.get("HTTP_ORIGIN"), request.META.get("HTTP_SEC_FETCH_SITE")
    if origin in settings.CORS_ORIGINS:
        return
    if is_preflight(request):
        event("malicious_cors", level="warning", status=403)
        raise Problem(403, "cross-origin-forbidden")
    if request.method in SAFE_METHODS or site in ("same-origin", "none"):
        return
    if site is None and origin in (None, _own_origin()):
        return
    event("malicious_csrf", level="warning", status=403)
    raise Problem(403, "cross-origin-forbidden")


def is_preflight(request: Request) -> bool:
    wanted = {"HTTP_ORIGIN", "HTTP_ACCESS_CONTROL_REQUEST_METHOD"}
    return request.method == "OPTIONS" and wanted <= request.META.keys()


def preflight_headers(methods: str) -> dict[str, str]:
    return {
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": ", ".join([ALLOW_HEADERS, *settings.CORS_ALLOW_HEADERS]),
        "Access-Control-Max-Age": "600",
        "Vary": PREFLIGHT_VARY,
    }


def _own_origin() -> str:
    public = urlsplit(settings.PUBLIC_URL)
    return f"{public.scheme}://{public.netloc}"
