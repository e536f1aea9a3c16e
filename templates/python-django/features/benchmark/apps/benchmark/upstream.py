"""Another service, which takes its time."""

from functools import cache

import httpx2
from django.conf import settings

from core.problem import Problem

CONNECTIONS = 256
ANSWER_SECONDS = 10


@cache
def client() -> httpx2.Client:
    """One for the process: its threads share the connections."""
    limits = httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    return httpx2.Client(limits=limits, timeout=ANSWER_SECONDS, trust_env=False)


def ask() -> int:
    """The status it answers with."""
    try:
        return client().get(settings.BENCHMARK_UPSTREAM).status_code
    except httpx2.HTTPError:
        raise Problem(503, "unavailable", headers={"Retry-After": "5"}) from None
