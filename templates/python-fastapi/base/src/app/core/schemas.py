"""What bodies are made of, and lists that are read page by page.

Cursors are opaque, and work only for the caller and the list they were made for.
"""

import base64
import hashlib
import hmac
import re
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from app.core.errors import Problem

TAG_BYTES = 16
ALPHABET = re.compile(r"[A-Za-z0-9_-]{1,400}")
# Strings arrive and leave byte for byte; what cannot be shown is refused, not cleaned.
SingleLine = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]


class Model(BaseModel):
    """Input: exactly the declared members, exactly their JSON types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class View(BaseModel):
    """Output: exactly the declared members, read from rows."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, json_schema_serialization_defaults_required=True)


def _digits(value: object) -> object:
    # The parser of numbers would also take " 5", "+5", "1_0" and "5.0".
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,9}", value):
        raise ValueError("must be a whole number")
    return value


Limit = Annotated[int, Query(ge=1, le=100), BeforeValidator(_digits)]
Cursor = Annotated[str | None, Query(max_length=400)]


class Position(BaseModel):
    """The last row of a page; the next page starts after it."""

    at: datetime
    id: UUID


class Cursors:
    """Makes and reads cursors; HMAC-SHA-256 over the scope and the position."""

    def __init__(self, secret: str) -> None:
        self._key = secret.encode()

    def encode(self, position: Position, scope: str) -> str:
        payload = position.model_dump_json().encode()
        return base64.urlsafe_b64encode(self._tag(payload, scope) + payload).rstrip(b"=").decode()

    def decode(self, cursor: str | None, scope: str) -> Position | None:
        """Read a cursor back; `scope` names the list and its owner."""
        if cursor is None:
            return None
        if not ALPHABET.fullmatch(cursor):
            raise Problem(400, "invalid-cursor")
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError:
            raise Problem(400, "invalid-cursor") from None
        tag, payload = raw[:TAG_BYTES], raw[TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(payload, scope)):
            raise Problem(400, "invalid-cursor")
        return Position.model_validate_json(payload)

    def _tag(self, payload: bytes, scope: str) -> bytes:
        message = scope.encode() + b"\0" + payload
        return hmac.digest(self._key, message, hashlib.sha256)[:TAG_BYTES]


class Page[T](View):
    """A page of a list."""

    items: list[T]
    next_cursor: str | None = Field(description="Send it back as `cursor` for the next page.")
