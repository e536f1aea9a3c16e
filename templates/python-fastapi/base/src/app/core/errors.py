"""Problem details (RFC 9457): the one way this service says no."""

from collections.abc import Mapping, Sequence

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

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
    # <% if ne .auth "none" %>
    "unauthenticated": "Authentication is required",
    "invalid-token": "The access token is not valid",
    # <% end %>
    # <% if .accounts %>
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
    """An answer that refuses. Raised anywhere, rendered in one place.

    `keep_changes` commits what the handler wrote before refusing, such as a
    counted failure or a revoked session; otherwise everything is rolled back.
    """

    def __init__(
        self,
        status: int,
        slug: str,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Mapping[str, str]] | None = None,
        extra: Mapping[str, object] | None = None,
        keep_changes: bool = False,
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
        self.keep_changes = keep_changes

    def response(self, request_id: str) -> Response:
        """Render as application/problem+json."""
        quota = self.slug == "quota-exceeded"
        body: dict[str, object] = {
            "type": QUOTA_EXCEEDED if quota else f"/problems/{self.slug}",
            "title": TITLES[self.slug],
            "status": self.status,
            "request_id": request_id,
        }
        if self.detail is not None:
            body["detail"] = self.detail
        if self.errors is not None:
            body["errors"] = list(self.errors)
        body.update(self.extra or {})
        return JSONResponse(body, self.status, self.headers, media_type="application/problem+json")


def not_found() -> Problem:
    """Unknown and not yours are the same answer."""
    return Problem(404, "not-found")


def malformed_json() -> Problem:
    return Problem(400, "malformed-json")


def field_error(pointer: str, detail: str) -> Problem:
    """422 for one member, with its JSON pointer ("/email")."""
    return Problem(422, "validation", errors=[{"pointer": pointer, "detail": detail}])


def from_validation(exc: RequestValidationError) -> Problem:
    """Say where and why a request is wrong, never what was sent."""
    errors = []
    for error in exc.errors():
        source, *path = error["loc"]
        if error["type"] == "json_invalid":
            return malformed_json()
        if source == "path":  # an id that is no id names nothing
            return not_found()
        # RFC 6901, and no part longer than a name would be.
        pointer = "".join("/" + str(part)[:64].replace("~", "~0").replace("/", "~1") for part in path)
        unwanted = error["type"] == "string_pattern_mismatch"  # whose message shows the pattern
        detail = "Contains a character that is not allowed here" if unwanted else error["msg"]
        errors.append({"pointer": pointer, "detail": detail})
    return Problem(422, "validation", errors=errors)


def from_http(exc: HTTPException) -> Problem:
    """Say what the framework itself answers in our words."""
    slugs = {400: "malformed-json", 404: "not-found", 405: "method-not-allowed"}
    return Problem(exc.status_code, slugs.get(exc.status_code, "bad-request"), headers=exc.headers)


async def on_refusal(request: Request, exc: Exception) -> Response:
    """Exception handler for everything above."""
    match exc:
        case Problem():
            problem = exc
        case RequestValidationError():
            problem = from_validation(exc)
        case HTTPException():
            problem = from_http(exc)
        case _:
            raise exc
    return problem.response(request.state.request_id)
