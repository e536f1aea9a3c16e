"""The API's description, and in development a page to try it."""

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from ninja import Router
from ninja.decorators import decorate_view

from core.cors import SAFE_METHODS
from core.gate import PROBES
from core.routes import answers, table

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
# What the gate may say to any request, whatever it asks for.
REFUSALS = (400, 406, 408, 413, 414, 415, 422, 431, 500, 503)
# RFC 9110's names of them, which the standard library has from Python 3.13 on.
NAMES = {413: "Content Too Large", 414: "URI Too Long", 422: "Unprocessable Content"}
TEXT: dict[str, Any] = {"type": "string"}
FIELD: dict[str, Any] = {"required": True, "schema": TEXT}
FIELD_ERROR = {
    "type": "object",
    "required": ["pointer", "detail"],
    "additionalProperties": False,
    "properties": {"pointer": TEXT, "detail": TEXT},
}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "request_id"],
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": TEXT,
        "request_id": {"type": "string", "pattern": "^[A-Za-z0-9._-]{8,64}$"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}},
        "violated-policies": {"type": "array", "items": TEXT},
    },
}
# <% if .idempotency %>
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Sent again within 24 hours, the same request gets the first answer.",
    "schema": {"type": "string", "pattern": '^([A-Za-z0-9_-]{8,64}|"[A-Za-z0-9_-]{8,64}")$'},
}
# <% end %>
# <% if .accounts %>
SETS_COOKIE = {("/v1/auth/login", 200), ("/v1/auth/refresh", 200), ("/v1/auth/reauth", 200), ("/v1/auth/logout", 204)}
# <% end %>

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
    return describe()


def _asset(name: str, media_type: str) -> HttpResponse:
    return HttpResponse((settings.ASSETS / name).read_bytes(), media_type)


@cache
def describe() -> dict[str, Any]:
    from config.api import api

    document: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=""))
    schemas = document["components"]["schemas"]
    refusals: dict[str, Any] = {}
    for resource in table().values():
        path = resource.template
        for method, operation in document["paths"].get(path, {}).items():
            operation["summary"] = operation.pop("description")
            declared = resource.operations[method.upper()]
            answers = _answers(path, method, operation, public=declared.public)
            for status in {*_refusals(path, method, public=declared.public), *answers}:
                if status < 400 or "content" in answers.get(status, {}):
                    continue
                refusals[str(status)] = _refusal(status)
                answers[status] = {"$ref": f"#/components/responses/{status}"}
            operation["responses"] = {str(status): answers[status] for status in sorted(answers)}
            if not operation["parameters"]:
                del operation["parameters"]
    schemas |= {"FieldError": FIELD_ERROR, "Problem": PROBLEM}
    document["components"] = {"schemas": schemas, "responses": dict(sorted(refusals.items()))}
    # <% if .accounts %>
    bearer = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    document["components"]["securitySchemes"] = {"accessToken": bearer}
    # <% end %>
    return document


def _answers(path: str, method: str, operation: dict[str, Any], *, public: bool) -> dict[int, dict[str, Any]]:
    """What the operation itself answers, with the header fields of each."""
    answers: dict[int, dict[str, Any]] = operation["responses"]
    fields = {"X-Request-Id": FIELD}
    if path not in PROBES:
        fields |= {"RateLimit": FIELD, "RateLimit-Policy": FIELD}
    # <% if .idempotency %>
    if method == "post" and not path.startswith("/v1/auth/"):
        operation["parameters"] = [*operation["parameters"], IDEMPOTENCY_KEY]
        fields["Idempotent-Replayed"] = {"schema": {"const": "true"}}
        answers.setdefault(409, {})
    # <% end %>
    for status, answer in answers.items():
        if status < 400 or "content" in answer:
            answer["headers"] = dict(fields)
            if status == 201:
                answer["headers"]["Location"] = FIELD
            # <% if .accounts %>
            if (path, status) in SETS_COOKIE:
                answer["headers"]["Set-Cookie"] = {"schema": TEXT}
            # <% end %>
    # <% if .accounts %>
    if not public:
        operation["security"] = [{"accessToken": []}]
    # <% end %>
    return answers


def _refusals(path: str, method: str, *, public: bool) -> set[int]:
    statuses = {*REFUSALS}
    statuses |= {429} if path not in PROBES else set()
    statuses |= {401, 403} if not public else set()
    statuses |= {403} if method.upper() not in SAFE_METHODS else set()
    statuses |= {404} if "{" in path else set()
    return statuses


def _refusal(status: int) -> dict[str, Any]:
    fields = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}
    return {
        "description": NAMES.get(status) or HTTPStatus(status).phrase,
        "headers": {name: FIELD for name in ("X-Request-Id", fields.get(status)) if name},
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
