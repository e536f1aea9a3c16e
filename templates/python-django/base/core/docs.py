"""In development, the API's description and a page to try it."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from ninja import Router
from ninja.decorators import decorate_view

from core.routes import answers

ABOUT = (
    "What is not described here is refused: other members, parameters, types. Refusals are problem details (RFC 9457)."
)
PAGE_CSP: Mapping[str, list[str]] = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "connect-src": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "object-src": [CSP.NONE],
    "form-action": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}

router = Router(auth=None)


@router.get("/docs", include_in_schema=False)
@decorate_view(csp_override(PAGE_CSP))
@answers("text/html")
def page(request: HttpRequest) -> HttpResponse:
    return _asset("index.html", "text/html")


@router.get("/docs/docs.js", include_in_schema=False)
@answers("text/javascript")
def script(request: HttpRequest) -> HttpResponse:
    return _asset("docs.js", "text/javascript")


@router.get("/docs/docs.css", include_in_schema=False)
@answers("text/css")
def style(request: HttpRequest) -> HttpResponse:
    return _asset("docs.css", "text/css")


@router.get("/openapi.json", include_in_schema=False)
def description(request: HttpRequest) -> dict[str, Any]:
    from core.openapi import describe

    return describe()


def _asset(name: str, media_type: str) -> HttpResponse:
    return HttpResponse((settings.ASSETS / name).read_bytes(), media_type)
