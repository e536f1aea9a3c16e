"""The table of routes, read once: what exists, who may call it, what it takes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from ninja.operation import Operation as NinjaOperation
from ninja.utils import normalize_path, replace_path_param_notation


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
    operations: dict[str, Operation] = field(default_factory=dict)

    @property
    def methods(self) -> str:
        return ", ".join([*sorted(self.operations), "OPTIONS"])


def answers[F: Callable[..., object]](media_type: str) -> Callable[[F], F]:
    """Declare that an operation answers with something else than JSON."""

    def declare(view: F) -> F:
        view.__dict__["media_type"] = media_type
        return view

    return declare


@cache
def table() -> dict[str, Resource]:
    """Resources by Django's word for the path ("v1/items/<item_id>")."""
    from config.api import api

    resources: dict[str, Resource] = {}
    for router in api._get_bound_routers():  # noqa: SLF001 - Ninja has no public list
        for path, view in router.path_operations.items():
            template = normalize_path("/".join(part for part in ("", router.prefix, path) if part))
            route = replace_path_param_notation(template).lstrip("/")
            resource = resources.setdefault(route, Resource(template))
            for operation in view.operations:
                for method in operation.methods:
                    resource.operations[method] = _describe(operation)
    return resources


def _describe(operation: NinjaOperation) -> Operation:
    sources = {model.__ninja_param_source__: model for model in operation.models}
    query = sources.get("query")
    return Operation(
        public=not operation.auth_callbacks,
        takes_body="body" in sources,
        media_type=getattr(operation.view_func, "media_type", "application/json"),
        query=frozenset(query.__ninja_flatten_map__) if query else frozenset(),
    )
