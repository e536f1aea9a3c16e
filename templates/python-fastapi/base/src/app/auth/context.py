"""What every account operation needs: its transaction, its caller, passwords, mails and the limits on guessing."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import BackgroundTasks, Depends, Request
from sqlalchemy import CursorResult, Delete, Update, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.mail import compose, deliver
from app.auth.models import OneTimeToken, RefreshToken, User
from app.auth.passwords import is_breached
from app.auth.permissions import Auth, invalid_token
from app.auth.tokens import digest
from app.config import Settings
from app.core.client_ip import network
from app.core.db import DbSession, utcnow
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
    key = digest("\0".join(parts))
    return f"failures:{key}", f"block:{key}"


@dataclass(frozen=True, slots=True)
class Context:
    db: AsyncSession
    settings: Settings
    auth: Auth
    store: Store
    background: BackgroundTasks
    ip: str
    user_agent: str

    async def add(self, row: object) -> None:
        self.db.add(row)
        await self.db.flush()

    async def is_unique(self) -> bool:
        """Whether the changes so far break no unique key; else they are undone."""
        try:
            await self.db.flush()
        except IntegrityError:
            await self.db.rollback()
            return False
        return True

    async def count(self, statement: Update | Delete) -> int:
        """How many rows it changed."""
        return cast("CursorResult[Any]", await self.db.execute(statement)).rowcount

    async def claim(self, token: OneTimeToken | RefreshToken) -> bool:
        """Use a token up; of any number of parallel tries exactly one gets True."""
        kind = type(token)
        unused = update(kind).where(kind.token_hash == token.token_hash, kind.used_at.is_(None))
        return await self.count(unused.values(used_at=utcnow())) == 1

    async def user(self, user_id: UUID) -> User:
        user = await self.db.get(User, user_id)
        if user is None:
            raise invalid_token()
        return user

    async def user_by_email(self, email: str) -> User | None:
        return await self.db.scalar(select(User).where(User.email == email))

    def mail(self, kind: str, *, to: str, name: str | None, link: str = "") -> None:
        """Send once the answer has left, so that its time tells nothing."""
        message = compose(kind, sender=self.settings.mail_from, to=to, name=name, link=link)
        self.background.add_task(deliver, self.settings.smtp_url.get_secret_value(), message)

    async def may_mail(self, address: str) -> bool:
        """Count one mail to come (L6), whether or not the address has an account."""
        to_address = await self.store.incr(f"mail:to:{digest(address)}", HOUR)
        from_network = await self.store.incr(f"mail:from:{network(self.ip)}", HOUR)
        allowed = to_address <= self.settings.mail_per_address and from_network <= MAIL_PER_NETWORK
        return allowed or not self.settings.production

    async def judge(self, password: str, *, email: str, name: str | None, pointer: str = "/password") -> None:
        """Raise the reason why a password cannot be used (P1, P3, P4)."""
        if error := self.auth.policy.length_error(password):
            raise field_error(pointer, error)
        reason = self.auth.policy.weakness(password, personal=[email.rpartition("@")[0], name or ""])
        hashes = self.settings.password_breach_check
        if hashes != "off" and await asyncio.to_thread(is_breached, password, Path(hashes)):
            reason = "This password is known from a breach."
        if reason:
            raise Problem(422, "password-blocked", reason, errors=[{"pointer": pointer, "detail": reason}])

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
            failures = User.failed_logins + 1
            await self.count(update(User).where(User.id == user.id).values(failed_logins=failures))
            return False
        stored = await self.auth.hasher.hash(password) if self.auth.hasher.is_outdated(known) else known
        # Whoever changed it meanwhile has ended the sessions there were; this was no longer the password.
        same = update(User).where(User.id == user.id, User.password_hash == known)
        if not await self.count(same.values(password_hash=stored, failed_logins=0)):
            return False
        await self.forgive(user)
        return True

    async def forgive(self, user: User) -> None:
        """Forget the failures from this network."""
        await self._backoff.succeed("password", user.email, network(self.ip))

    @property
    def _backoff(self) -> Backoff:
        return Backoff(self.store, self.settings.login_backoff_seconds)


async def context(db: DbSession, request: Request, background: BackgroundTasks) -> Context:
    state = request.app.state
    user_agent = request.headers.get("user-agent", "")[:LONGEST_USER_AGENT]
    return Context(db, state.settings, state.auth, state.store, background, request.state.client_ip, user_agent)


Ctx = Annotated[Context, Depends(context, scope="function")]
