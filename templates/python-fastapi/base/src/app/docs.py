"""The API's description, and in development a page to try it."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import FileResponse, HTMLResponse, Response

from app.core.gate import PROBES
from app.core.http_security import SAFE_METHODS
from app.core.routes import Public, RouteTable

ASSETS = Path(__file__).parent / "assets"
ABOUT = (
    "What is not described here is refused: other members, parameters, types. Refusals are problem details (RFC 9457)."
)
# What the gate may say to any request, whatever it asks for.
REFUSALS = (400, 406, 408, 413, 414, 415, 422, 431, 500, 503)
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

router = APIRouter(include_in_schema=False, dependencies=[Public])


class Script(Response):
    media_type = "text/javascript"


class Style(Response):
    media_type = "text/css"


@router.get("/docs", response_class=HTMLResponse)
def page() -> Response:
    return FileResponse(ASSETS / "index.html")


@router.get("/docs/docs.js", response_class=Script)
def script() -> Response:
    return FileResponse(ASSETS / "docs.js", media_type=Script.media_type)


@router.get("/docs/docs.css", response_class=Style)
def style() -> Response:
    return FileResponse(ASSETS / "docs.css")


@router.get("/openapi.json")
async def description(request: Request) -> dict[str, Any]:
    return describe(request.app)


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document: what the routes declare and what the gate adds to each."""
    if app.openapi_schema is None:
        _complete(app.openapi(), RouteTable(app))
    return app.openapi()


def _complete(document: dict[str, Any], table: RouteTable) -> None:
    refusals = document["components"]["responses"] = {}
    for resource in table:
        for method, operation in document["paths"].get(resource.template, {}).items():
            public = resource.operations[method.upper()].public
            path, responses = resource.template, operation["responses"]
            operation["summary"] = operation.pop("description", operation["summary"])
            fields = {"X-Request-Id": FIELD}
            if path not in PROBES:
                fields |= {"RateLimit": FIELD, "RateLimit-Policy": FIELD}
            # <% if .idempotency %>
            if method == "post" and not path.startswith("/v1/auth/"):
                operation["parameters"] = [*operation.get("parameters", []), IDEMPOTENCY_KEY]
                fields["Idempotent-Replayed"] = {"schema": {"const": "true"}}
                responses.setdefault("409", {})
            # <% end %>
            statuses = {*REFUSALS}
            statuses |= {429} if path not in PROBES else set()
            statuses |= {401, 403} if not public else set()
            statuses |= {403} if method.upper() not in SAFE_METHODS else set()
            statuses |= {404} if "{" in path else set()
            for status in statuses:
                responses.setdefault(str(status), {})
            for status, answer in responses.items():
                if "content" in answer or status < "400":
                    located = {"Location": FIELD} if status == "201" else {}
                    answer["headers"] = fields | located | answer.get("headers", {})
                else:
                    refusals[status] = _refusal(int(status))
                    responses[status] = {"$ref": f"#/components/responses/{status}"}
            operation["responses"] = dict(sorted(responses.items()))
            # <% if .accounts %>
            if not public:
                operation["security"] = [{"accessToken": []}]
            # <% end %>
    document["components"]["schemas"] |= {"FieldError": FIELD_ERROR, "Problem": PROBLEM}
    # <% if .accounts %>
    bearer = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    document["components"]["securitySchemes"] = {"accessToken": bearer}
    # <% end %>


def _refusal(status: int) -> dict[str, Any]:
    fields = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}
    return {
        "description": "Refused, and why.",
        "headers": {name: FIELD for name in ("X-Request-Id", fields.get(status)) if name},
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
