"""Deny by default: every route names the rule that lets a caller in."""

from collections.abc import Callable
from typing import Any

from fastapi import Depends
from fastapi.dependencies.models import Dependant

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
    return any(
        dependency.call in _rules or has_rule(dependency) for dependency in dependant.dependencies
    )


def is_public(dependant: Dependant) -> bool:
    return any(dependency.call is public for dependency in dependant.dependencies)
