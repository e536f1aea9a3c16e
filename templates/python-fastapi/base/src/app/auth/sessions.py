"""Signing in, staying signed in, and the end of it."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from fastapi import Request

from app.auth.context import Context
from app.auth.permissions import Principal
from app.auth.repository import Kept, RefreshToken, Session, User
from app.auth.schemas import lookup_form
from app.auth.tokens import digest, new_secret
from app.config import Settings
from app.core.db import utcnow
from app.core.errors import Problem
from app.core.logging import bind_user, event


@dataclass(frozen=True, slots=True)
class Grant:
    """Fresh tokens of a session."""

    access_token: str
    refresh_token: str
    user: User
    session: Session


def _cookie_name(settings: Settings) -> str:
    # Browsers take the prefix and Secure on https only, which development does not have.
    return "__Host-refresh" if settings.production else "refresh"


def refresh_cookie(settings: Settings, value: str, *, max_age: int) -> str:
    """The Set-Cookie field; no age and no value clear it."""
    secure = "Secure; " if settings.production else ""
    attributes = f"Path=/; {secure}HttpOnly; SameSite=Strict; Max-Age={max_age}"
    return f"{_cookie_name(settings)}={value}; {attributes}"


def presented_cookie(request: Request) -> str | None:
    return request.cookies.get(_cookie_name(request.app.state.settings))


def refused() -> Problem:
    """Unknown, unverified, disabled, wrong: one answer."""
    event("authn_login_fail", level="warning")
    return Problem(401, "invalid-credentials", keep_changes=True)


async def sign_in(
    ctx: Context,
    *,
    email: str,
    password: str,
    replaces: str | None = None,
    # <% if .native %>
    transport: str = "cookie",
    from_browser: bool = False,
    # <% end %>
) -> Grant:
    """Start a session; `replaces` is the refresh token of the one before in this browser."""
    # <% if .native %>
    if transport == "body" and from_browser:
        raise Problem(403, "forbidden", "A browser keeps its refresh token in a cookie.")
    # <% end %>
    address = lookup_form(email)
    user = await ctx.accounts.user_by_email(address)
    right = await ctx.password_matches(user, email=address, password=password)
    if user is None or not right or user.verified_at is None or user.disabled:
        raise refused()
    if replaces and (found := await ctx.accounts.session_of(digest(replaces))):
        await end(ctx, found.User.id, only=found.Session.id)
    session = await start(ctx, user)
    # <% if .native %>
    session.transport = transport
    # <% end %>
    event("authn_login_success")
    return await grant(ctx, user, session)


async def start(ctx: Context, user: User) -> Session:
    bind_user(user.id)
    # One sign-in after the other, so that the cap holds.
    await ctx.accounts.lock(user)
    now = utcnow()
    newest = ctx.accounts.live_sessions(user.id, seen_after=now - idle(ctx))
    await end(ctx, user.id, keep=newest.limit(ctx.settings.max_sessions - 1))
    session = Session(
        user_id=user.id,
        auth_time=now,
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(seconds=ctx.settings.refresh_max_ttl),
        ip=ctx.ip,
        user_agent=ctx.user_agent,
    )
    await ctx.accounts.add(session)
    event("session_created")
    return session


async def grant(ctx: Context, user: User, session: Session) -> Grant:
    secret = new_secret()
    await ctx.accounts.add(RefreshToken(token_hash=digest(secret), session_id=session.id))
    access_token = ctx.auth.tokens.issue(
        user_id=user.id,
        session_id=session.id,
        auth_time=int(session.auth_time.timestamp()),
        latest=int(session.expires_at.timestamp()),
    )
    event("authn_token_created")
    return Grant(access_token, secret, user, session)


async def refresh(
    ctx: Context,
    *,
    presented: str | None,
    # <% if .native %>
    transport: str = "cookie",
    # <% end %>
) -> Grant:
    """Exchange a refresh token, once; seeing it again ends the whole session."""
    found = await ctx.accounts.session_of(digest(presented)) if presented else None
    if found is None:
        raise _unusable(ctx)
    token, session, user = found.RefreshToken, found.Session, found.User
    # <% if .native %>
    if session.transport != transport:
        raise _unusable(ctx)
    # <% end %>
    bind_user(user.id)
    now = utcnow()
    if now >= session.expires_at or now - session.last_seen_at >= idle(ctx) or user.disabled:
        event("session_expired")
        await end(ctx, session.user_id, only=session.id)
        raise _unusable(ctx)
    # The session before its token: whoever ends it takes the same locks in the same order.
    if not await ctx.accounts.touch_session(session.id, ip=ctx.ip, user_agent=ctx.user_agent):
        raise _unusable(ctx)
    age = now - (token.used_at or now)
    if not await ctx.accounts.claim(token):
        raise await _replayed(ctx, session, age=age)
    event("session_renewed")
    return await grant(ctx, user, session)


async def _replayed(ctx: Context, session: Session, *, age: timedelta) -> Problem:
    # Two tabs at once are no theft, but they get no second token either.
    if age < timedelta(seconds=ctx.settings.refresh_grace_seconds):
        return Problem(409, "conflict")
    event("authn_token_reuse", level="error")
    await end(ctx, session.user_id, only=session.id)
    return _unusable(ctx)


def _unusable(ctx: Context) -> Problem:
    headers = {"Set-Cookie": refresh_cookie(ctx.settings, "", max_age=0)}
    return Problem(401, "unauthenticated", headers=headers, keep_changes=True)


def idle(ctx: Context) -> timedelta:
    return timedelta(seconds=ctx.settings.refresh_idle_ttl)


async def reauthenticate(ctx: Context, principal: Principal, *, password: str) -> Grant:
    """Step up: new tokens with a fresh auth_time; the refresh token before them dies."""
    user = await ctx.user(principal.user_id)
    session = await ctx.accounts.session(principal.session_id)
    right = await ctx.password_matches(user, email=user.email, password=password)
    if session is None or not right:
        raise refused()
    await ctx.accounts.touch_session(session.id, auth_time=utcnow())
    await ctx.accounts.drop_unused_refresh_tokens(session.id)
    event("authn_login_success", description="step-up")
    return await grant(ctx, user, session)


async def sign_out(ctx: Context, *, presented: str | None, session_id: UUID | None) -> None:
    """End the session of a refresh token, or of an access token; having none is fine."""
    found = await ctx.accounts.session_of(digest(presented)) if presented else None
    session = found.Session if found else None
    if session is None and session_id is not None:
        session = await ctx.accounts.session(session_id)
    if session is not None:
        bind_user(session.user_id)
        await end(ctx, session.user_id, only=session.id)
        event("session_logout")


async def end(ctx: Context, user_id: UUID, *, only: UUID | None = None, keep: Kept = ()) -> bool:
    """End sessions of a user; their refresh tokens go too, access tokens within a second."""
    ended = await ctx.accounts.end_sessions(user_id, only=only, keep=keep)
    if ended:
        event("authn_token_revoked", user_id=str(user_id))
    # Cheaper than to know which of the remembered ones these were.
    ctx.auth.live.clear()
    return ended > 0
