"""Problem details (RFC 9457): the one way this service says no."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.core.exceptions import ObjectNotUpdated
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from ninja.errors import ValidationError
from pydantic_core import to_json

from core.http import Request
from core.logging import describe, event

TITLES = {
    "malformed-json": "The body is not valid JSON",
    "validation": "The request is not valid",
    "bad-request": "The request is not valid",
    "forbidden": "Not allowed",
    "cross-origin-forbidden": "Cross-origin request refused",
    "not-found": "Not found",
    "method-not-allowed": "Method not allowed",
    "not-acceptable": "Not acceptable",
    "conflict": "Conflict with the current state",
    "payload-too-large": "The body is too large",
    "unsupported-media-type": "Unsupported media type",
    "invalid-host": "Unknown host",
    "invalid-cursor": "The cursor is not valid",
    "uri-too-long": "The URL is too long",
    "headers-too-large": "The header fields are too large",
    "quota-exceeded": "Too many requests",
    # <% if .accounts %>
    "unauthenticated": "Authentication is required",
    "invalid-token": "The access token is not valid",
    "invalid-credentials": "The credentials are not valid",
    "step-up-required": "A fresh sign-in is required",
    "password-blocked": "The password cannot be used",
    # <% end %>
    # <% if .idempotency %>
    "idempotency-mismatch": "The key was used with another body",
    # <% end %>
    "internal": "Internal error",
    "unavailable": "Temporarily unavailable",
}
QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"


class Problem(Exception):  # noqa: N818 - "problem" is the standard's word
    """An answer that refuses. Raised anywhere, rendered in one place."""

    def __init__(
        self,
        status: int,
        slug: str,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Mapping[str, str]] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(slug)
        self.status = status
        self.slug = slug
        self.detail = detail
        self.headers = dict(headers or {})
        if status == 401:
            self.headers.setdefault("WWW-Authenticate", "Bearer")
        self.errors = errors
        self.extra = extra

    def response(self, request: HttpRequest) -> HttpResponse:
        """Render as application/problem+json."""
        quota = self.slug == "quota-exceeded"
        body: dict[str, object] = {
            "type": QUOTA_EXCEEDED if quota else f"/problems/{self.slug}",
            "title": TITLES[self.slug],
            "status": self.status,
            "request_id": cast("Request", request).request_id,
        }
        if self.detail is not None:
            body["detail"] = self.detail
        if self.errors is not None:
            body["errors"] = self.errors
        body.update(self.extra or {})
        return HttpResponse(to_json(body), "application/problem+json", self.status, headers=self.headers)


def not_found() -> Problem:
    """Unknown and not yours are the same answer."""
    return Problem(404, "not-found")


def malformed_json() -> Problem:
    return Problem(400, "malformed-json")


def field_error(pointer: str, detail: str) -> Problem:
    """422 for one member, with its JSON pointer ("/email")."""
    return Problem(422, "validation", errors=[{"pointer": pointer, "detail": detail}])


def from_validation(exc: ValidationError) -> Problem:
    """Say where and why a request is wrong, never what was sent."""
    errors = []
    for error in exc.errors:
        source, *path = error["loc"]
        if source == "path":  # an id that is no id names nothing
            return not_found()
        if source == "body":
            _argument, *path = path
            if error["type"] == "missing" and not path:
                return malformed_json()
        pointer = "".join(f"/{_escape(str(part))}" for part in path)
        errors.append({"pointer": pointer, "detail": _reason(error["type"], error["msg"])})
    return Problem(422, "validation", errors=errors)


def _escape(part: str) -> str:
    # RFC 6901, and no longer than a name would be.
    return part[:64].replace("~", "~0").replace("/", "~1")


def _reason(kind: str, message: str) -> str:
    if kind == "string_pattern_mismatch":
        return "Contains a character that is not allowed here"
    return message


# What Ninja raises ends in these three, what Django does in the three after them.


def on_problem(request: HttpRequest, exc: Any) -> HttpResponse:
    answer: HttpResponse = exc.response(request)
    return answer


def on_validation_error(request: HttpRequest, exc: Any) -> HttpResponse:
    return from_validation(exc).response(request)


def on_http_error(request: HttpRequest, exc: Any) -> HttpResponse:
    return malformed_json().response(request)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return Problem(400, "bad-request").response(request)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return not_found().response(request)


def server_error(request: HttpRequest) -> HttpResponse:
    """What a caller learns of an exception nobody handled: that there was one."""
    exc = sys.exception()
    if exc is not None:
        event("sys_error", level="error", description=describe(exc))
    if isinstance(exc, (OperationalError, InterfaceError)):
        return Problem(503, "unavailable", headers={"Retry-After": "5"}).response(request)
    if isinstance(exc, (IntegrityError, ObjectNotUpdated)):  # a row came or went meanwhile
        return Problem(409, "conflict").response(request)
    return Problem(500, "internal").response(request)
