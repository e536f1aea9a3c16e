"""Counters with an end, shared by all replicas where Redis is configured."""

import math
import time
from collections.abc import Awaitable, Callable

from app.core.logging import event

TIMEOUT_SECONDS = 0.5
PAUSE_SECONDS = 1.0
SWEEP_EVERY = 1_000


class MemoryCounters:
    """For one process; expired entries are swept every thousand writes."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[int, float]] = {}
        self._writes = 0

    async def hit(self, key: str, ttl: int) -> tuple[int, int]:
        now = time.monotonic()
        count, end = self._entries.get(key, (0, 0.0))
        if end <= now:
            count, end = 0, now + ttl
        self._entries[key] = (count + 1, end)
        self._writes += 1
        if self._writes % SWEEP_EVERY == 0:
            self._entries = {k: entry for k, entry in self._entries.items() if entry[1] > now}
        return count + 1, _up(end - now)

    async def ttl(self, key: str) -> int:
        end = self._entries.get(key, (0, 0.0))[1]
        return max(0, _up(end - time.monotonic()))

    async def clear(self, *keys: str) -> None:
        for key in keys:
            self._entries.pop(key, None)


class RedisCounters:
    """For all replicas; one round trip a call."""

    def __init__(self, url: str) -> None:
        # Only where it is used: it takes a sixth of the start.
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
        from redis.exceptions import RedisError

        self.outages = (RedisError, OSError)
        self._redis = Redis.from_url(
            url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS, retry=Retry(NoBackoff(), 0)
        )

    async def hit(self, key: str, ttl: int) -> tuple[int, int]:
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.set(key, 0, ex=ttl, nx=True)
            pipe.incr(key)
            pipe.pttl(key)
            _, count, left = await pipe.execute()
        return count, _up(left / 1000)

    async def ttl(self, key: str) -> int:
        return max(0, _up(await self._redis.pttl(key) / 1000))

    async def clear(self, *keys: str) -> None:
        await self._redis.delete(*keys)

    async def close(self) -> None:
        await self._redis.aclose()


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

    async def hit(self, key: str, ttl: int) -> tuple[int, int]:
        """Count one more; the count, and the seconds until it is gone, `ttl` after the first."""
        return await self._ask(lambda counters: counters.hit(key, ttl))

    async def incr(self, key: str, ttl: int) -> int:
        """Like `hit`; the count alone."""
        return (await self.hit(key, ttl))[0]

    async def ttl(self, key: str) -> int:
        """Seconds until the count is gone, 0 when there is none."""
        return await self._ask(lambda counters: counters.ttl(key))

    async def clear(self, *keys: str) -> None:
        await self._ask(lambda counters: counters.clear(*keys))

    async def close(self) -> None:
        if self._shared is not None:
            await self._shared.close()

    async def _ask[T](self, call: Callable[[Counters], Awaitable[T]]) -> T:
        if self._shared is not None and not self.degraded:
            try:
                return await call(self._shared)
            except self._shared.outages as error:
                self._retry_at = time.monotonic() + PAUSE_SECONDS
                cause = type(error).__name__
                event("sys_store_unavailable", level="warning", description=cause)
        return await call(self._local)


def _up(seconds: float) -> int:
    # To the millisecond first: (now + 60) - now may be a hair above 60.
    return math.ceil(round(seconds, 3))
