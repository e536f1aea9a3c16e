"""/v1/auth and /v1/me/sessions: signing in, staying signed in, and the end of it."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy import Row, Select, delete, select, update

from app.auth import schemas as s
from app.auth.context import Context, Ctx
from app.auth.models import RefreshToken, Session, User
from app.auth.permissions import Auth, CurrentUser, RecentUser, genuine_claims
from app.auth.tokens import SETS_COOKIE, digest, new_secret, presented_cookie, refresh_cookie
from app.core.db import take_turns, utcnow
from app.core.errors import Problem, not_found
from app.core.logging import bind_user, event
from app.core.routes import Public

router = APIRouter(prefix="/v1/auth", tags=["auth"])
mine = APIRouter(prefix="/v1/me/sessions", tags=["me"])
well_known = APIRouter(dependencies=[Public], tags=["auth"])
type Kept = Select[UUID] | Sequence[UUID]


@well_known.get("/.well-known/jwks.json")
async def jwks(request: Request) -> s.KeySet:
    """Publish the keys that access tokens are signed with."""
    auth: Auth = request.app.state.auth
    return s.KeySet.model_validate(auth.tokens.jwks())


@router.post("/login", dependencies=[Public], responses={200: SETS_COOKIE, 401: {}})
async def login(body: s.Login, request: Request, response: Response, ctx: Ctx) -> s.SignedIn:
    """Sign in."""
    # <% if .native %>
    if body.transport == "body" and "origin" in request.headers:
        raise Problem(403, "forbidden", "A browser keeps its refresh token in a cookie.")
    # <% end %>
    email = s.lookup_form(body.email)
    user = await ctx.user_by_email(email)
    right = await ctx.password_matches(user, email=email, password=body.password)
    if user is None or not right or user.verified_at is None or user.disabled:
        raise refused()
    # The session before in this browser.
    replaces = presented_cookie(request)
    if replaces and (found := await _session_of(ctx, replaces)):
        await end(ctx, found.User.id, only=found.Session.id)
    session = await start(ctx, user)
    # <% if .native %>
    session.transport = body.transport
    # <% end %>
    event("authn_login_success")
    return await signed_in(ctx, response, user, session)


@router.post("/refresh", dependencies=[Public], responses={200: SETS_COOKIE, 401: {}, 409: {}})
async def refresh(body: s.Renewal, request: Request, response: Response, ctx: Ctx) -> s.SignedIn:
    """Get new tokens for the refresh token, which is used up."""
    presented = presented_cookie(request)
    # <% if .native %>
    presented = body.refresh_token or presented
    # <% end %>
    found = await _session_of(ctx, presented) if presented else None
    if found is None:
        raise _unusable(ctx)
    token, session, user = found.RefreshToken, found.Session, found.User
    # <% if .native %>
    if session.transport != ("cookie" if body.refresh_token is None else "body"):
        raise _unusable(ctx)
    # <% end %>
    bind_user(user.id)
    now = utcnow()
    if now >= session.expires_at or now - session.last_seen_at >= idle(ctx) or user.disabled:
        event("session_expired")
        await end(ctx, session.user_id, only=session.id)
        raise _unusable(ctx)
    # The session before its token: whoever ends it takes the same locks in the same order.
    seen = update(Session).where(Session.id == session.id)
    if not await ctx.count(seen.values(last_seen_at=now, ip=ctx.ip, user_agent=ctx.user_agent)):
        raise _unusable(ctx)
    age = now - (token.used_at or now)
    if not await ctx.claim(token):
        # Two tabs at once are no theft, but they get no second token either.
        if age < timedelta(seconds=ctx.settings.refresh_grace_seconds):
            raise Problem(409, "conflict")
        event("authn_token_reuse", level="error")
        await end(ctx, session.user_id, only=session.id)
        raise _unusable(ctx)
    event("session_renewed")
    return await signed_in(ctx, response, user, session)


@router.post("/reauth", responses={200: SETS_COOKIE})
async def reauth(body: s.Reauthentication, response: Response, caller: CurrentUser, ctx: Ctx) -> s.SignedIn:
    """Show the password again, for calls that want a fresh sign-in; the refresh token before dies."""
    user = await ctx.user(caller.user_id)
    session = await ctx.db.get(Session, caller.session_id)
    right = await ctx.password_matches(user, email=user.email, password=body.password)
    if session is None or not right:
        raise refused()
    session.auth_time = session.last_seen_at = utcnow()
    unused = RefreshToken.used_at.is_(None)
    await ctx.count(delete(RefreshToken).where(RefreshToken.session_id == session.id, unused))
    event("authn_login_success", description="step-up")
    return await signed_in(ctx, response, user, session)


@router.post("/logout", status_code=204, dependencies=[Public], responses={204: SETS_COOKIE})
async def logout(body: s.Renewal, request: Request, response: Response, ctx: Ctx) -> None:
    """Sign out: end the session of a refresh token or of an access token; having none is fine."""
    presented = presented_cookie(request)
    # <% if .native %>
    presented = body.refresh_token or presented
    # <% end %>
    found = await _session_of(ctx, presented) if presented else None
    session, claims = found.Session if found else None, genuine_claims(request.scope)
    if session is None and claims is not None:
        session = await ctx.db.get(Session, claims.session_id)
    if session is not None:
        bind_user(session.user_id)
        await end(ctx, session.user_id, only=session.id)
        event("session_logout")
    response.headers["Set-Cookie"] = refresh_cookie(ctx.settings, "", max_age=0)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


@mine.get("")
async def list_sessions(caller: CurrentUser, ctx: Ctx) -> s.SessionList:
    """List where you are signed in."""
    live = select(Session).where(Session.id.in_(_live(ctx, caller.user_id))).order_by(Session.created_at.desc())
    items = [s.SessionView.model_validate(one) for one in await ctx.db.scalars(live)]
    for one in items:
        one.current = one.id == caller.session_id
    return s.SessionList(items=items)


@mine.delete("", status_code=204)
async def end_other_sessions(caller: RecentUser, ctx: Ctx) -> None:
    """End all your other sessions; wants a fresh sign-in."""
    await end(ctx, caller.user_id, keep=[caller.session_id])


@mine.delete("/{session_id}", status_code=204)
async def end_session(session_id: UUID, caller: RecentUser, ctx: Ctx) -> None:
    """End one of your sessions; wants a fresh sign-in."""
    if not await end(ctx, caller.user_id, only=session_id):
        raise not_found()


def refused(*, keep_changes: bool = True) -> Problem:
    """Unknown, unverified, disabled, wrong: one answer; what is kept is the count of failures."""
    event("authn_login_fail", level="warning")
    return Problem(401, "invalid-credentials", keep_changes=keep_changes)


async def start(ctx: Context, user: User) -> Session:
    bind_user(user.id)
    # One sign-in after the other, so that the cap holds.
    await take_turns(ctx.db, f"sessions:{user.id}")
    now = utcnow()
    newest = _live(ctx, user.id)
    await end(ctx, user.id, keep=newest.limit(ctx.settings.max_sessions - 1))
    expires_at = now + timedelta(seconds=ctx.settings.refresh_max_ttl)
    times = {"auth_time": now, "created_at": now, "last_seen_at": now, "expires_at": expires_at}
    session = Session(user_id=user.id, ip=ctx.ip, user_agent=ctx.user_agent, **times)
    await ctx.add(session)
    event("session_created")
    return session


async def grant(ctx: Context, session: Session) -> tuple[str, str]:
    """A fresh access token and refresh token."""
    secret = new_secret()
    await ctx.add(RefreshToken(token_hash=digest(secret), session_id=session.id))
    access_token = ctx.auth.tokens.issue(
        user_id=session.user_id,
        session_id=session.id,
        auth_time=int(session.auth_time.timestamp()),
        latest=int(session.expires_at.timestamp()),
    )
    event("authn_token_created")
    return access_token, secret


async def signed_in(ctx: Context, response: Response, user: User, session: Session) -> s.SignedIn:
    """The access token in the body, the refresh token where no script can read it."""
    access_token, refresh_token = await grant(ctx, session)
    shown = s.SignedInUser.model_validate(user)
    answer = s.SignedIn(access_token=access_token, expires_in=ctx.auth.tokens.lifetime, user=shown)
    # <% if .native %>
    if session.transport == "body":
        return answer.model_copy(update={"refresh_token": refresh_token})
    # <% end %>
    max_age = ctx.settings.refresh_idle_ttl
    response.headers["Set-Cookie"] = refresh_cookie(ctx.settings, refresh_token, max_age=max_age)
    return answer


async def end(ctx: Context, user_id: UUID, *, only: UUID | None = None, keep: Kept = ()) -> bool:
    """End sessions of a user; their refresh tokens go too, access tokens within a second."""
    statement = delete(Session).where(Session.user_id == user_id, Session.id.not_in(keep))
    ended = await ctx.count(statement.where(Session.id == only) if only else statement)
    if ended:
        event("authn_token_revoked", user_id=str(user_id))
    # Cheaper than to know which of the remembered ones these were.
    ctx.auth.live.clear()
    return ended > 0


async def _session_of(ctx: Context, secret: str) -> Row[RefreshToken, Session, User] | None:
    """The refresh token, used or not, with its session and account."""
    tokens = select(RefreshToken, Session, User).where(RefreshToken.token_hash == digest(secret))
    joined = tokens.join(Session, RefreshToken.session_id == Session.id).join(User, Session.user_id == User.id)
    return (await ctx.db.execute(joined)).one_or_none()


def _unusable(ctx: Context) -> Problem:
    headers = {"Set-Cookie": refresh_cookie(ctx.settings, "", max_age=0)}
    return Problem(401, "unauthenticated", headers=headers, keep_changes=True)


def _live(ctx: Context, user_id: UUID) -> Select[UUID]:
    """The ids of a user's live sessions, newest first."""
    live = (Session.expires_at > utcnow(), Session.last_seen_at > utcnow() - idle(ctx))
    return select(Session.id).where(Session.user_id == user_id, *live).order_by(Session.created_at.desc())


def idle(ctx: Context) -> timedelta:
    return timedelta(seconds=ctx.settings.refresh_idle_ttl)
