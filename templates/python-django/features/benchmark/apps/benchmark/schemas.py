"""What goes in and out of /v1/benchmark."""

from typing import Annotated

from ninja import Query
from pydantic import Field

from core.schemas import Model, SingleLine, View

Number = Annotated[str, Query(pattern=r"^[1-9][0-9]{0,5}$")]


class Order(Model):
    name: Annotated[SingleLine, Field(min_length=1, max_length=100)]
    quantity: Annotated[int, Field(ge=1, le=1_000)]
    tags: Annotated[list[Annotated[SingleLine, Field(min_length=1, max_length=50)]], Field(max_length=10)]


class Upstream(View):
    status: int


class Primes(View):
    n: int
    primes: int


class Event(Model):
    id: Annotated[SingleLine, Field(min_length=1, max_length=100)]
