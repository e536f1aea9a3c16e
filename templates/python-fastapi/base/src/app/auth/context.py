"""What an account operation needs: its transaction, its caller, the limits on guessing."""

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import BackgroundTasks, Depends, Request
from starlette.datastructures import State

from app.auth.mail import compose, deliver
from app.auth.passwords import is_breached
from app.auth.permissions import Auth, invalid_token
from app.auth.repository import AccountRepository, User
from app.config import Settings
from app.core.client_ip import client_ip, network
from app.core.db import DbSession
from app.core.errors import Problem, field_error
from app.core.logging import event
from app.core.ratelimit import quota_exceeded
from app.core.store import Store

FREE_ATTEMPTS = 5
LONGEST_WAIT = 15 * 60
FORGET_FAILURES = 24 * 3600
HOUR = 3600
MAIL_PER_NETWORK = 20
LONGEST_USER_AGENT = 200


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


@dataclass(frozen=True, slots=True)
class Context:
    accounts: AccountRepository
    state: State
    background: BackgroundTasks
    ip: str
    user_agent: str

    @property
    def settings(self) -> Settings:
        settings: Settings = self.state.settings
        return settings

    @property
    def auth(self) -> Auth:
        auth: Auth = self.state.auth
        return auth

    async def user(self, user_id: UUID) -> User:
        user = await self.accounts.user(user_id)
        if user is None:
            raise invalid_token()
        return user

    def mail(self, kind: str, *, to: str, name: str | None, link: str = "") -> None:
        """Send once the answer has left, so that its time tells nothing."""
        message = compose(kind, sender=self.settings.mail_from, to=to, name=name, link=link)
        self.background.add_task(deliver, self.settings.smtp_url.get_secret_value(), message)

    async def may_mail(self, address: str) -> bool:
        """Count one mail to come (L6), whether or not the address has an account."""
        return await mail_quota(self.state, address=address, network=network(self.ip))

    async def judge(self, password: str, *, email: str, name: str | None, pointer: str = "/password") -> None:
        """Raise the reason why a password cannot be used (P1, P3, P4)."""
        if error := self.auth.policy.length_error(password):
            raise field_error(pointer, error)
        personal = [email.rpartition("@")[0], name or ""]
        reason = self.auth.policy.weakness(password, personal=personal)
        hashes = self.settings.password_breach_check
        if hashes != "off" and await asyncio.to_thread(is_breached, password, Path(hashes)):
            reason = "This password is known from a breach."
        if reason:
            errors = [{"pointer": pointer, "detail": reason}]
            raise Problem(422, "password-blocked", reason, errors=errors)

    async def password_matches(self, user: User | None, *, email: str, password: str) -> bool:
        """Compare; a failure counts for address and network (L4) and for the account (L5)."""
        await self._backoff.attempt("password", email, network(self.ip))
        known = user.password_hash if user else None
        right = await self.auth.hasher.verify(password, known)
        if user is None or known is None:
            return False
        if user.failed_logins >= self.settings.lockout_ceiling:
            event("authn_login_lock", level="warning", user_id=str(user.id))
            return False
        if not right:
            await self.accounts.count_failure(user.id)
            return False
        if self.auth.hasher.is_outdated(known):
            user.password_hash = await self.auth.hasher.hash(password)
        await self.forgive(user)
        return True

    async def forgive(self, user: User) -> None:
        user.failed_logins = 0
        await self._backoff.succeed("password", user.email, network(self.ip))

    @property
    def _backoff(self) -> Backoff:
        backoff: Backoff = self.state.backoff
        return backoff


async def context(db: DbSession, request: Request, background: BackgroundTasks) -> Context:
    return Context(
        accounts=AccountRepository(db),
        state=request.app.state,
        background=background,
        ip=client_ip(request),
        user_agent=request.headers.get("user-agent", "")[:LONGEST_USER_AGENT],
    )


Ctx = Annotated[Context, Depends(context, scope="function")]
