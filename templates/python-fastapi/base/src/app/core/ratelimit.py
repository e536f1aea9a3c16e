"""Limits on calls: so many in a window, for each policy and caller."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from app.config import Quota, Settings
from app.core.errors import Problem
from app.core.logging import event
from app.core.store import Store


class Policy(NamedTuple):
    name: str
    quota: Quota
    # Guessing is what it limits: without the shared store it gets stricter, never open.
    strict: bool = False


type Policies = Callable[[str, str], list[Policy]]


class Usage(NamedTuple):
    policy: Policy
    remaining: int
    reset: int


def quota_exceeded(policy: str, retry_after: int, fields: dict[str, str] | None = None) -> Problem:
    event("excess_rate_limit_exceeded", level="warning", description=policy)
    return Problem(
        429,
        "quota-exceeded",
        headers={"Retry-After": str(retry_after), **(fields or {})},
        extra={"violated-policies": [policy]},
        keep_changes=True,
    )


class RateLimiter:
    """Fixed windows, counted in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def check(self, policies: Sequence[tuple[Policy, str]]) -> dict[str, str]:
        """Count one call under each (policy, key); the fields to answer with, or 429."""
        usages = []
        for policy, key in policies:
            count, reset = await self._store.hit(f"rate:{policy.name}:{key}", policy.quota.window)
            limit = policy.quota.limit
            if self._store.degraded:
                if not policy.strict:
                    count = 0
                limit = math.ceil(limit / 2)
            usages.append((Usage(policy, max(0, limit - count), reset), count > limit))
        fields = rate_fields([usage for usage, _ in usages])
        for usage, exceeded in usages:
            if exceeded:
                raise quota_exceeded(usage.policy.name, usage.reset, fields)
        return fields


def rate_fields(usages: Sequence[Usage]) -> dict[str, str]:
    """RateLimit header fields (draft-ietf-httpapi-ratelimit-headers-10)."""
    return {
        "RateLimit-Policy": ", ".join(
            f'"{policy.name}";q={policy.quota.limit};w={policy.quota.window}' for policy, _, _ in usages
        ),
        "RateLimit": ", ".join(f'"{policy.name}";r={remaining};t={reset}' for policy, remaining, reset in usages),
    }


def policies(settings: Settings) -> Policies:
    """Which limits a call counts under."""
    default = Policy("default", settings.rate_default)
    # <% if .accounts %>
    auth_ip = Policy("auth-ip", settings.rate_auth_ip, strict=True)
    # These take 256-bit secrets: there is nothing to guess.
    unguessable = frozenset({"/v1/auth/refresh", "/v1/auth/logout"})
    # <% end %>

    def choose(method: str, path: str) -> list[Policy]:
        # <% if .accounts %>
        if path.startswith("/v1/auth/") and method == "POST" and path not in unguessable:
            return [default, auth_ip]
        # <% end %>
        return [default]

    return choose
