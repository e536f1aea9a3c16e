"""Limits on guessing a secret, and on the mail a stranger can cause."""

import hashlib

from starlette.datastructures import State

from app.config import Settings
from app.core.ratelimit import quota_exceeded
from app.core.store import Store

FREE_ATTEMPTS = 5
LONGEST_WAIT = 15 * 60
FORGET_FAILURES = 24 * 3600
HOUR = 3600
MAIL_PER_NETWORK = 20


class Backoff:
    """Slows guessing at one secret from one place; nobody else is locked out.

    The try is counted before the secret is looked at, so that many at once gain nothing,
    and whether the account exists makes no difference.
    """

    def __init__(self, store: Store, first_wait: int) -> None:
        self._store = store
        self._first_wait = first_wait

    async def attempt(self, *parts: str) -> None:
        """Count one try at the secret these parts name, or raise 429."""
        failures, block = _keys(parts)
        if wait := await self._store.ttl(block):
            raise quota_exceeded("guess", wait)
        count = await self._store.incr(failures, FORGET_FAILURES)
        # Without the shared store each process counts alone, so it allows fewer.
        free = FREE_ATTEMPTS // 2 if self._store.degraded else FREE_ATTEMPTS
        if count < free:
            return
        wait = min(self._first_wait << min(count - free, 10), LONGEST_WAIT)
        if await self._store.incr(block, wait) > 1:  # a try at the same moment came first
            raise quota_exceeded("guess", wait)

    async def succeed(self, *parts: str) -> None:
        """Forget the failures: the secret was right."""
        await self._store.clear(*_keys(parts))


def _keys(parts: tuple[str, ...]) -> tuple[str, str]:
    # Hashed: addresses of users have no place in a shared store.
    digest = _digest("\0".join(parts))
    return f"failures:{digest}", f"block:{digest}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def mail_quota(state: State, *, address: str, network: str) -> bool:
    """Whether one more mail may go to this address, asked for from this network."""
    store: Store = state.store
    settings: Settings = state.settings
    to_address = await store.incr(f"mail:to:{_digest(address)}", HOUR)
    from_network = await store.incr(f"mail:from:{network}", HOUR)
    allowed = to_address <= settings.mail_per_address and from_network <= MAIL_PER_NETWORK
    return allowed or not settings.production
