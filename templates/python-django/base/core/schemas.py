"""What bodies are made of, and lists that are read page by page.

Cursors are opaque, and work only for the caller and the list they were made for.
"""

import re
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from ninja import Query
from ninja.renderers import JSONRenderer
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import to_json

from core.problem import Problem

# Strings arrive and leave byte for byte; what cannot be shown is refused, not cleaned.
SingleLine = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]


class Model(BaseModel):
    """Input: exactly the declared members, exactly their JSON types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class View(BaseModel):
    """Output: exactly the declared members, read from rows."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, json_schema_serialization_defaults_required=True)


class JsonRenderer(JSONRenderer):
    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return to_json(data)


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

    def cursor(self, scope: str) -> str:
        """`scope` names the list and its owner."""
        return _signer(scope).sign_object(self.model_dump(mode="json"))

    @classmethod
    def read(cls, cursor: str | None, scope: str) -> "Position | None":
        if cursor is None:
            return None
        try:
            return cls.model_validate(_signer(scope).unsign_object(cursor))
        except BadSignature:
            raise Problem(400, "invalid-cursor") from None


def _signer(scope: str) -> Signer:
    return Signer(salt=f"cursor {scope}")


class Page[T](View):
    """A page of a list."""

    items: list[T]
    next_cursor: str | None = Field(description="Send it back as `cursor` for the next page.")
