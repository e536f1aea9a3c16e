"""What an account operation needs: its transaction, its caller, the tools of the process."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import BackgroundTasks, Depends, Request
from starlette.datastructures import State

from app.auth.mail import compose, deliver
from app.auth.models import User
from app.auth.passwords import is_breached
from app.auth.permissions import invalid_token
from app.auth.repository import AccountRepository
from app.auth.state import Auth
from app.config import Settings
from app.core.client_ip import client_ip, network
from app.core.db import DbSession
from app.core.errors import Problem, field_error
from app.core.guessing import Backoff, mail_quota
from app.core.logging import event

LONGEST_USER_AGENT = 200


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

    async def judge(
        self, password: str, *, email: str, name: str | None, pointer: str = "/password"
    ) -> None:
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
