"""Counters with an end, shared by all replicas where Redis is configured."""

import math
import time
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import cast

from django.conf import settings

from core.logging import event

TIMEOUT_SECONDS = 0.5
PAUSE_SECONDS = 1.0
SWEEP_EVERY = 1_000


class MemoryCounters:
    """For one process; expired entries are swept every thousand writes."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[int, float]] = {}
        self._writes = 0
        self._lock = Lock()

    def hit(self, key: str, ttl: int) -> tuple[int, int]:
        now = time.monotonic()
        with self._lock:
            count, end = self._entries.get(key, (0, 0.0))
            if end <= now:
                count, end = 0, now + ttl
            self._entries[key] = (count + 1, end)
            self._writes += 1
            if self._writes % SWEEP_EVERY == 0:
                self._entries = {k: entry for k, entry in self._entries.items() if entry[1] > now}
        return count + 1, _up(end - now)

    def ttl(self, key: str) -> int:
        end = self._entries.get(key, (0, 0.0))[1]
        return max(0, _up(end - time.monotonic()))

    def clear(self, *keys: str) -> None:
        with self._lock:
            for key in keys:
                self._entries.pop(key, None)


class RedisCounters:
    """For all replicas; one round trip a call."""

    def __init__(self, url: str) -> None:
        # Only where it is used: it takes a sixth of the start.
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.exceptions import RedisError
        from redis.retry import Retry

        self.outages = (RedisError, OSError)
        self._redis = Redis.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )

    def hit(self, key: str, ttl: int) -> tuple[int, int]:
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.set(key, 0, ex=ttl, nx=True)
            pipe.incr(key)
            pipe.pttl(key)
            _, count, left = pipe.execute()
        return count, _up(left / 1000)

    def ttl(self, key: str) -> int:
        return max(0, _up(cast("int", self._redis.pttl(key)) / 1000))

    def clear(self, *keys: str) -> None:
        self._redis.delete(*keys)


type Counters = MemoryCounters | RedisCounters


class Store:
    """The shared counters, or this process's own while those are away.

    `degraded` tells limiters that the counts are local: general limits open,
    limits on guessing get stricter.
    """

    def __init__(self, redis_url: str) -> None:
        self._local = MemoryCounters()
        self._shared = RedisCounters(redis_url) if redis_url else None
        self._retry_at = 0.0

    @property
    def degraded(self) -> bool:
        return self._shared is not None and time.monotonic() < self._retry_at

    def hit(self, key: str, ttl: int) -> tuple[int, int]:
        """Count one more; the count, and the seconds until it is gone, `ttl` after the first."""
        return self._ask(lambda counters: counters.hit(key, ttl))

    def ttl(self, key: str) -> int:
        """Seconds until the count is gone, 0 when there is none."""
        return self._ask(lambda counters: counters.ttl(key))

    def clear(self, *keys: str) -> None:
        self._ask(lambda counters: counters.clear(*keys))

    def _ask[T](self, call: Callable[[Counters], T]) -> T:
        if self._shared is not None and not self.degraded:
            try:
                return call(self._shared)
            except self._shared.outages as error:
                self._retry_at = time.monotonic() + PAUSE_SECONDS
                cause = type(error).__name__
                event("sys_store_unavailable", level="warning", description=cause)
        return call(self._local)


@cache
def store() -> Store:
    return Store(settings.REDIS_URL)


def _up(seconds: float) -> int:
    # To the millisecond first: (now + 60) - now may be a hair above 60.
    return math.ceil(round(seconds, 3))
