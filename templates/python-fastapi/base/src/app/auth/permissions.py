"""Who calls, and what they may do. A role without a permission has none: deny by default."""

import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, NamedTuple, cast
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import Scope

from app.auth.models import Session, User
from app.auth.passwords import Hasher, PasswordPolicy
from app.auth.tokens import AccessTokens, Claims, InvalidTokenError, Remembered, load_keys
from app.config import NAME, TITLE, Settings
from app.core.db import utcnow
from app.core.errors import Problem
from app.core.logging import bind_user, event
from app.core.routes import access_rule


class Permission(StrEnum):
    OWN_DATA = "own-data"
    ADMINISTER = "administer"


ROLES = {"user": frozenset({Permission.OWN_DATA}), "admin": frozenset({Permission.OWN_DATA, Permission.ADMINISTER})}
LIVE_SESSION = (
    select(User.id, User.role)
    .join(Session, Session.user_id == User.id)
    .where(Session.id == bindparam("session_id"), Session.expires_at > bindparam("now"))
    .where(User.disabled.is_(False))
)


@dataclass(frozen=True, slots=True)
class Principal:
    user_id: UUID
    session_id: UUID
    role: str
    auth_time: int

    def may(self, permission: Permission) -> bool:
        return permission in ROLES.get(self.role, frozenset())


class Account(NamedTuple):
    user_id: UUID
    role: str


class Auth:
    """What accounts keep for the life of the process."""

    def __init__(self, settings: Settings) -> None:
        keys = load_keys(settings.jwt_private_keys.get_secret_value())
        self.tokens = AccessTokens(keys, issuer=settings.public_url, lifetime=settings.access_ttl)
        hosts = [urlsplit(url).hostname or "" for url in (settings.public_url, settings.app_url)]
        self.policy = PasswordPolicy(settings.password_min_length, words=[NAME, TITLE, *hosts])
        self.hasher = Hasher()
        # For a second: no later does the end of a session, an account or a role act.
        self.live = Remembered[UUID, Account]()

    async def account(self, db: AsyncSession, session_id: UUID) -> Account | None:
        """Whose session this is; None once it has ended."""
        account = self.live.get(session_id)
        if account is None:
            connection = await db.connection()
            values = {"session_id": session_id, "now": utcnow()}
            row = (await connection.execute(LIVE_SESSION, values)).one_or_none()
            if row is not None:
                account = Account(*row)
                self.live.put(session_id, account)
        return account


def invalid_token() -> Problem:
    event("authz_fail", level="warning", description="invalid access token")
    headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return Problem(401, "invalid-token", headers=headers)


def _claims(scope: Scope) -> Claims | None:
    """What the one bearer token says; None without any, InvalidTokenError for anything else."""
    if (known := scope["state"].get("claims")) is not None:
        return cast("Claims", known)
    fields = [value for name, value in scope["headers"] if name == b"authorization"]
    if len(fields) > 1:
        raise InvalidTokenError
    scheme, _, token = fields[0].decode("latin-1").partition(" ") if fields else ("", "", "")
    if scheme.lower() != "bearer":
        return None
    auth: Auth = scope["app"].state.auth
    claims = scope["state"]["claims"] = auth.tokens.verify(token.strip(" "))
    return claims


def identify(scope: Scope) -> str | None:
    """The user a genuine token names, for counting calls; the session may have ended."""
    claims = genuine_claims(scope)
    return str(claims.user_id) if claims else None


def genuine_claims(scope: Scope) -> Claims | None:
    """What a genuine token says, where having none is no error."""
    try:
        return _claims(scope)
    except InvalidTokenError:
        return None


async def authenticate(request: Request) -> None:
    """Leave the principal in the request's state, or raise 401."""
    try:
        claims = _claims(request.scope)
    except InvalidTokenError:
        raise invalid_token() from None
    if claims is None:
        raise Problem(401, "unauthenticated")
    auth: Auth = request.app.state.auth
    account = await auth.account(request.state.session, claims.session_id)
    if account is None or account.user_id != claims.user_id:
        raise invalid_token()
    user_id, role = account
    bind_user(user_id, ["pwd"])
    request.state.principal = Principal(user_id, claims.session_id, role, claims.auth_time)


def require(permission: Permission) -> Callable[[Request], Coroutine[Any, Any, Principal]]:
    """A rule for routes: the signed-in caller, if their role has this permission."""

    @access_rule
    async def allowed(request: Request) -> Principal:
        principal: Principal = request.state.principal
        if not principal.may(permission):
            event("authz_fail", level="warning", description=permission)
            raise Problem(403, "forbidden")
        return principal

    return allowed


CurrentUser = Annotated[Principal, Depends(require(Permission.OWN_DATA))]


@access_rule
async def stepped_up(request: Request, principal: CurrentUser) -> Principal:
    """A caller who showed their password a short while ago (RFC 9470)."""
    limit: int = request.app.state.settings.step_up_ttl
    if time.time() - principal.auth_time > limit:
        challenge = f'Bearer error="insufficient_user_authentication", max_age={limit}'
        raise Problem(401, "step-up-required", headers={"WWW-Authenticate": challenge})
    return principal


RecentUser = Annotated[Principal, Depends(stepped_up)]
