"""Limits on calls: so many in a window, for each policy and caller."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.conf import settings

from config.env import Quota
from core.http import Request
from core.logging import event
from core.problem import Problem
from core.store import store

# <% if .accounts %>
# These take 256-bit secrets: there is nothing to guess.
UNGUESSABLE = frozenset({"/v1/auth/refresh", "/v1/auth/logout"})

# <% end %>

class Policy(NamedTuple):
    name: str
    quota: Quota
    key: str
    # Guessing is what it limits: without the shared store it gets stricter, never open.
    strict: bool = False


class Usage(NamedTuple):
    policy: Policy
    used: int
    reset: int
    limit: int

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


def count(request: Request) -> None:
    """Count one call under each policy that applies: the fields to answer with, or 429."""
    usages = [_hit(policy) for policy in _policies(request)]
    request.rate_fields = rate_fields(usages)
    for usage in usages:
        if usage.used > usage.limit:
            raise quota_exceeded(usage.policy.name, usage.reset)


def quota_exceeded(policy: str, retry_after: int) -> Problem:
    event("excess_rate_limit_exceeded", level="warning", description=policy)
    headers, extra = {"Retry-After": str(retry_after)}, {"violated-policies": [policy]}
    return Problem(429, "quota-exceeded", headers=headers, extra=extra)


def rate_fields(usages: Sequence[Usage]) -> dict[str, str]:
    """RateLimit header fields (draft-ietf-httpapi-ratelimit-headers-10)."""
    return {
        "RateLimit-Policy": ", ".join(
            f'"{usage.policy.name}";q={usage.policy.quota.limit};w={usage.policy.quota.window}' for usage in usages
        ),
        "RateLimit": ", ".join(f'"{usage.policy.name}";r={usage.remaining};t={usage.reset}' for usage in usages),
    }


def _policies(request: Request) -> Iterable[Policy]:
    """Which limits a call counts under."""
    yield Policy("default", settings.RATE_DEFAULT, request.user_key)
    # <% if .accounts %>
    path = request.path
    if path.startswith("/v1/auth/") and request.method == "POST" and path not in UNGUESSABLE:
        yield Policy("auth-ip", settings.RATE_AUTH_IP, request.network, strict=True)
    # <% end %>


def _hit(policy: Policy) -> Usage:
    used, reset = store().hit(f"rate:{policy.name}:{policy.key}", policy.quota.window)
    limit = policy.quota.limit
    if store().degraded:
        used = used if policy.strict else 0
        limit = math.ceil(limit / 2)
    return Usage(policy, used, reset, limit)
