"""What a request may look like: sizes, media types, parameters, nesting."""

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from ninja.parser import Parser

from core.http import Request
from core.problem import Problem, malformed_json
from core.routes import Operation

MAX_BODY = 1024 * 1024
MAX_AUTH_BODY = 64 * 1024
MAX_HEADERS = 16 * 1024
MAX_URL = 8 * 1024
MAX_NESTING = 32
JSON_TYPE = re.compile(r"application/json\s*(;\s*charset=\"?utf-8\"?\s*)?", re.IGNORECASE)
BRACKET = re.compile(rb"[][{}]")
# One that never ends runs to the end: looking for its end from every quote would take forever.
STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)


def check_host(request: Request) -> None:
    try:
        request.get_host()
    except DisallowedHost:
        raise Problem(400, "invalid-host") from None


def check_sizes(request: Request) -> None:
    meta = request.META
    if len(request.path) + len(meta["QUERY_STRING"]) > MAX_URL:
        raise Problem(414, "uri-too-long")
    fields = (len(name) + len(value) for name, value in meta.items() if name.startswith("HTTP_"))
    if sum(fields) > MAX_HEADERS:
        raise Problem(431, "headers-too-large")


def is_respelled(request: Request) -> bool:
    """Whether the path was escaped: no route needs it, so it is another spelling."""
    raw: str = request.META.get("RAW_URI", request.path)
    return raw.partition("?")[0] != request.path


def check_media_types(request: Request, operation: Operation) -> None:
    meta = request.META
    if "HTTP_CONTENT_ENCODING" in meta:
        raise _unsupported()
    declared = meta.get("CONTENT_TYPE", "")
    if (operation.takes_body or has_body(request)) and not JSON_TYPE.fullmatch(declared):
        raise _unsupported()
    accept = meta.get("HTTP_ACCEPT")
    if accept is not None and not _accepts(accept, operation.media_type):
        raise Problem(406, "not-acceptable")


def has_body(request: Request) -> bool:
    chunked = "HTTP_TRANSFER_ENCODING" in request.META
    return chunked or request.META.get("CONTENT_LENGTH") not in (None, "", "0")


def read_body(request: Request) -> bytes:
    """The whole body, never more than is allowed; chunked ones, which Django would not read, too.

    The server ends what takes too long.
    """
    if not has_body(request):
        return b""
    limit = MAX_AUTH_BODY if request.path.startswith("/v1/auth/") else MAX_BODY
    chunked = "HTTP_TRANSFER_ENCODING" in request.META
    wanted = limit + 1 if chunked else int(request.META["CONTENT_LENGTH"])
    stream = request.META["wsgi.input"]
    try:
        if chunked or wanted <= limit:
            body: bytes = stream.read(wanted)
            if len(body) <= limit:
                return body
        # Read on a little: a client that is cut off while sending sees no answer.
        stream.read(min(wanted, MAX_BODY))
    except OSError:
        raise Problem(408, "bad-request") from None
    raise Problem(413, "payload-too-large")


class StrictParser(Parser):
    """Refuses what Python's parser would take: no text, NaN, Infinity, endless nesting."""

    def parse_body(self, request: HttpRequest) -> Any:
        body = request.body
        if body.count(b"[") + body.count(b"{") > MAX_NESTING:
            depth = 0
            for bracket in BRACKET.findall(STRING.sub(b"", body)):
                depth += 1 if bracket in b"[{" else -1
                if depth > MAX_NESTING:
                    raise malformed_json()
        return json.loads(body.decode(), parse_constant=_refuse_constant)


def _refuse_constant(_name: str) -> None:
    raise malformed_json()


def strict_query[**P, R](view: Callable[P, R]) -> Callable[P, R]:
    """An operation that refuses parameters it does not know, or gets twice."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        request = cast("Request", args[0])
        if request.META["QUERY_STRING"]:
            _check_query(request)
        return view(*args, **kwargs)

    return checked


def _check_query(request: Request) -> None:
    known = request.operation.query
    if any(name not in known for name in request.GET):
        errors = [{"pointer": "", "detail": "Unknown query parameter"}]
        raise Problem(422, "validation", errors=errors)
    if any(len(values) > 1 for _, values in request.GET.lists()):
        raise Problem(400, "bad-request", "A query parameter is repeated")


def _accepts(accept: str, media_type: str) -> bool:
    family = media_type.partition("/")[0] + "/*"
    wanted = {"*/*", "application/*", "application/problem+json", family, media_type}
    for entry in accept.lower().split(","):
        kind, *parameters = (part.strip() for part in entry.split(";"))
        if kind in wanted and not any(re.fullmatch(r"q=0(\.0*)?", one) for one in parameters):
            return True
    return False


def _unsupported() -> Problem:
    return Problem(415, "unsupported-media-type", headers={"Accept": "application/json"})
