"""What a request may look like: sizes, media types, parameters, nesting."""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.types import Message, Receive

from app.core.errors import Problem, malformed_json
from app.core.routes import Operation

MAX_BODY = 1024 * 1024
MAX_AUTH_BODY = 64 * 1024
MAX_HEADERS = 16 * 1024
MAX_URL = 8 * 1024
MAX_NESTING = 32
BODY_SECONDS = 20
DISCARD_SECONDS = 2
JSON_TYPE = re.compile(r"application/json\s*(;\s*charset=\"?utf-8\"?\s*)?", re.IGNORECASE)
BRACKET = re.compile(rb"[][{}]")
# One that never ends runs to the end: looking for its end from every quote would take forever.
STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)


def check_sizes(url: bytes, headers: Headers) -> None:
    if len(url) > MAX_URL:
        raise Problem(414, "uri-too-long")
    if sum(len(name) + len(value) + 4 for name, value in headers.raw) > MAX_HEADERS:
        raise Problem(431, "headers-too-large")


def check_media_types(operation: Operation, headers: Headers) -> None:
    if "content-encoding" in headers:
        raise _unsupported()
    declared = headers.get("content-type")
    if (operation.takes_body or has_body(headers)) and not JSON_TYPE.fullmatch(declared or ""):
        raise _unsupported()
    accept = headers.get("accept")
    if accept is not None and not _accepts(accept, operation.media_type):
        raise Problem(406, "not-acceptable")


def check_query(operation: Operation, query: bytes) -> None:
    if not query:
        return
    names = [name for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)]
    unknown = [name for name in names if name not in operation.query]
    if unknown:
        errors = [{"pointer": "", "detail": "Unknown query parameter"}]
        raise Problem(422, "validation", errors=errors)
    if len(names) != len(set(names)):
        raise Problem(400, "bad-request", "A query parameter is repeated")


def check_json(body: bytes) -> None:
    """Refuse what Python's parser would take: no text, UTF-16, NaN, Infinity, endless nesting."""
    if not body or json.detect_encoding(body) != "utf-8":
        raise malformed_json()
    if body.count(b"[") + body.count(b"{") > MAX_NESTING or b"N" in body or b"I" in body:
        bare = STRING.sub(b"", body)
        depth = 0
        for bracket in BRACKET.findall(bare):
            depth += 1 if bracket in b"[{" else -1
            if depth > MAX_NESTING:
                raise malformed_json()
        if b"NaN" in bare or b"Infinity" in bare:
            raise malformed_json()


def has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


async def read_body(receive: Receive, headers: Headers, limit: int) -> bytes:
    """The whole body, never more than `limit` bytes of it, in bounded time."""
    if not has_body(headers):
        return b""
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > limit:
        raise await _too_large(receive)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in _chunks(receive):
                body += chunk
                if len(body) > limit:
                    raise await _too_large(receive)
    except TimeoutError:
        raise Problem(408, "bad-request", headers={"Connection": "close"}) from None
    return bytes(body)


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return


async def _too_large(receive: Receive) -> Problem:
    """Refuse, and read on a little: a client that is cut off while sending sees no answer."""
    dropped = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DISCARD_SECONDS):
            async for chunk in _chunks(receive):
                dropped += len(chunk)
                if dropped > MAX_BODY:
                    break
    return Problem(413, "payload-too-large", headers={"Connection": "close"})


def replay(body: bytes, receive: Receive) -> Receive:
    """Hand a body that was read already to the application."""
    sent = False

    async def receive_again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


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
