"""Limits on calls: so many in a window, for each policy and caller."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from app.config import Quota, Settings
from app.core.errors import Problem
from app.core.logging import event
from app.core.store import Store

# <% if .accounts %>
# These take 256-bit secrets: there is nothing to guess.
UNGUESSABLE = frozenset({"/v1/auth/refresh", "/v1/auth/logout"})

# <% end %>

class Policy(NamedTuple):
    name: str
    quota: Quota
    # Guessing is what it limits: without the shared store it gets stricter, never open.
    strict: bool = False


class Usage(NamedTuple):
    policy: Policy
    used: int
    reset: int
    limit: int


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

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._default = Policy("default", settings.rate_default)
        # <% if .accounts %>
        self._auth_ip = Policy("auth-ip", settings.rate_auth_ip, strict=True)
        # <% end %>

    async def count(self, method: str, path: str, *, caller: str, address: str) -> dict[str, str]:
        """Count one call under each policy that applies: the fields to answer with, or 429."""
        usages = [await self._hit(self._default, caller)]
        # <% if .accounts %>
        if path.startswith("/v1/auth/") and method == "POST" and path not in UNGUESSABLE:
            usages.append(await self._hit(self._auth_ip, address))
        # <% end %>
        fields = rate_fields(usages)
        for usage in usages:
            if usage.used > usage.limit:
                raise quota_exceeded(usage.policy.name, usage.reset, fields)
        return fields

    async def _hit(self, policy: Policy, key: str) -> Usage:
        used, reset = await self._store.hit(f"rate:{policy.name}:{key}", policy.quota.window)
        limit = policy.quota.limit
        if self._store.degraded:
            used = used if policy.strict else 0
            limit = math.ceil(limit / 2)
        return Usage(policy, used, reset, limit)


def rate_fields(usages: Sequence[Usage]) -> dict[str, str]:
    """RateLimit header fields (draft-ietf-httpapi-ratelimit-headers-10)."""
    policies = [f'"{one.policy.name}";q={one.policy.quota.limit};w={one.policy.quota.window}' for one in usages]
    left = [f'"{one.policy.name}";r={max(0, one.limit - one.used)};t={one.reset}' for one in usages]
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(left)}
