"""What goes in and out of /v1/items."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.schemas import Model, Page, SingleLine, Text, View

Title = Annotated[SingleLine, Field(min_length=1, max_length=200)]
Body = Annotated[Text, Field(max_length=10_000)]


class ItemCreate(Model):
    title: Title
    body: Body = ""


class ItemUpdate(Model):
    """Members left out stay as they are; the factories only make them optional, not null."""

    title: Title = Field(default_factory=str)
    body: Body = Field(default_factory=str)


class ItemView(View):
    id: UUID
    title: str
    body: str
    created_at: datetime
    updated_at: datetime


class ItemPage(Page[ItemView]):
    """Some of the items, newest first."""
