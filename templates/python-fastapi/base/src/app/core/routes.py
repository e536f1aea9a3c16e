"""The table of routes, read once at start-up: what exists, who may call it, what it takes.

Deny by default: every route depends on a rule that lets a caller in, or nothing starts.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from fastapi import Depends, FastAPI, params
from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import RouteContext, iter_route_contexts

_rules: set[Callable[..., Any]] = set()


def access_rule[F: Callable[..., Any]](dependency: F) -> F:
    """Mark a dependency as an answer to "who may call this?"."""
    _rules.add(dependency)
    return dependency


@access_rule
async def public() -> None:
    """Anybody may call this, signed in or not."""


Public = Depends(public)


def has_rule(dependant: Dependant) -> bool:
    return any(dependency.call in _rules or has_rule(dependency) for dependency in dependant.dependencies)


def is_public(dependant: Dependant) -> bool:
    return any(dependency.call is public for dependency in dependant.dependencies)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    public: bool
    takes_body: bool
    media_type: str
    query: frozenset[str]


@dataclass(frozen=True, slots=True)
class Resource:
    """One path template and its operations by method."""

    template: str
    pattern: re.Pattern[str]
    operations: dict[str, Operation] = field(default_factory=dict)

    @property
    def methods(self) -> str:
        return ", ".join([*sorted(self.operations), "OPTIONS"])


class RouteTable:
    """Finds the resource of a path; an application with an undeclared route does not start."""

    def __init__(self, app: FastAPI) -> None:
        self._resources: dict[str, Resource] = {}
        for context in iter_route_contexts(app.routes):
            self._add(context)
        self._patterns = [one for path, one in self._resources.items() if "{" in path]

    def __iter__(self) -> Iterator[Resource]:
        return iter(self._resources.values())

    def find(self, path: str) -> Resource | None:
        if (exact := self._resources.get(path)) is not None and "{" not in path:
            return exact
        return next((one for one in self._patterns if one.pattern.fullmatch(path)), None)

    def _add(self, context: RouteContext) -> None:
        template, dependant = context.path_format or "", getattr(context, "dependant", None)
        if not isinstance(dependant, Dependant) or not has_rule(dependant):
            raise RuntimeError(f"{context.path}: no access rule; depend on a rule or on Public")
        pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)))
        resource = self._resources.setdefault(template, Resource(template, pattern))
        for method in context.methods or ():
            resource.operations[method] = Operation(
                public=is_public(dependant),
                takes_body=context.body_field is not None,
                media_type=_media_type(context),
                query=_query_names(dependant),
            )


def _query_names(dependant: Dependant) -> frozenset[str]:
    fields = get_flat_params(dependant)
    return frozenset(one.alias for one in fields if isinstance(one.field_info, params.Query))


def _media_type(context: RouteContext) -> str:
    chosen = context.response_class
    response = chosen.value if isinstance(chosen, DefaultPlaceholder) else chosen
    return response.media_type or "application/json"
