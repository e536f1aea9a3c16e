"""/v1/auth: registration, signing in, links from mails. /v1/me: the account of the caller."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.auth import schemas as s
from app.auth import service, sessions
from app.auth.context import Ctx
from app.auth.permissions import Auth, CurrentUser, RecentUser, genuine_claims
from app.auth.sessions import presented_cookie, refresh_cookie
from app.core.db import utcnow
from app.core.errors import not_found
from app.core.logging import event
from app.core.routes import Public

auth = APIRouter(prefix="/v1/auth", tags=["auth"])
me = APIRouter(prefix="/v1/me", tags=["me"])
well_known = APIRouter(dependencies=[Public], tags=["auth"])
# The refresh token's cookie, or in logout its end.
SETS_COOKIE: dict[str, Any] = {"headers": {"Set-Cookie": {"schema": {"type": "string"}}}}


@well_known.get("/.well-known/jwks.json")
async def jwks(request: Request) -> dict[str, list[dict[str, Any]]]:
    """Publish the keys that access tokens are signed with."""
    state: Auth = request.app.state.auth
    return state.tokens.jwks()


@auth.post("/register", status_code=202, dependencies=[Public])
async def register(body: s.Registration, ctx: Ctx) -> s.Accepted:
    """Ask for an account; a mail follows."""
    await service.register(ctx, email=body.email, password=body.password, name=body.name)
    return s.Accepted()


@auth.post("/verify-email", status_code=204, dependencies=[Public], responses={401: {}})
async def verify_email(body: s.Verification, ctx: Ctx) -> None:
    """Confirm the address with the mailed token, and open the account."""
    await service.verify_email(ctx, token=body.token, password=body.password)


@auth.post("/verify-email/resend", status_code=202, dependencies=[Public])
async def resend(body: s.AddressOnly, ctx: Ctx) -> s.Accepted:
    """Mail the confirmation again."""
    await service.resend(ctx, email=body.email)
    return s.Accepted()


@auth.post("/password/forgot", status_code=202, dependencies=[Public])
async def forgot(body: s.AddressOnly, ctx: Ctx) -> s.Accepted:
    """Ask for a mail to set a new password."""
    await service.forgot_password(ctx, email=body.email)
    return s.Accepted()


@auth.post("/password/reset", status_code=204, dependencies=[Public], responses={401: {}})
async def reset(body: s.PasswordReset, ctx: Ctx) -> None:
    """Set a new password with the mailed token."""
    await service.reset_password(ctx, token=body.token, new_password=body.new_password)


@auth.post("/login", dependencies=[Public], responses={200: SETS_COOKIE, 401: {}})
async def login(body: s.Login, request: Request, response: Response, ctx: Ctx) -> s.SignedIn:
    """Sign in."""
    grant = await sessions.sign_in(
        ctx,
        email=body.email,
        password=body.password,
        # <% if .native %>
        transport=body.transport,
        from_browser="origin" in request.headers,
        # <% end %>
        replaces=presented_cookie(request),
    )
    return signed_in(ctx, response, grant)


@auth.post("/refresh", dependencies=[Public], responses={200: SETS_COOKIE, 401: {}, 409: {}})
async def refresh(body: s.Renewal, request: Request, response: Response, ctx: Ctx) -> s.SignedIn:
    """Get new tokens for the refresh token, which is used up."""
    # <% if .native %>
    if body.refresh_token is not None:
        grant = await sessions.refresh(ctx, presented=body.refresh_token, transport="body")
        return signed_in(ctx, response, grant)
    # <% end %>
    grant = await sessions.refresh(ctx, presented=presented_cookie(request))
    return signed_in(ctx, response, grant)


@auth.post("/reauth", responses={200: SETS_COOKIE})
async def reauth(body: s.Reauthentication, response: Response, user: CurrentUser, ctx: Ctx) -> s.SignedIn:
    """Show the password again, for calls that want a fresh sign-in."""
    grant = await sessions.reauthenticate(ctx, user, password=body.password)
    return signed_in(ctx, response, grant)


@auth.post("/logout", status_code=204, dependencies=[Public], responses={204: SETS_COOKIE})
async def logout(body: s.Renewal, request: Request, ctx: Ctx) -> Response:
    """Sign out."""
    presented = presented_cookie(request)
    # <% if .native %>
    presented = body.refresh_token or presented
    # <% end %>
    claims = genuine_claims(request.scope)
    session_id = claims.session_id if claims else None
    await sessions.sign_out(ctx, presented=presented, session_id=session_id)
    response = Response(status_code=204)
    response.headers["Set-Cookie"] = refresh_cookie(ctx.settings, "", max_age=0)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def signed_in(ctx: Ctx, response: Response, grant: sessions.Grant) -> s.SignedIn:
    """The access token in the body, the refresh token where no script can read it."""
    answer = s.SignedIn(
        access_token=grant.access_token,
        expires_in=ctx.auth.tokens.lifetime,
        user=s.SignedInUser.model_validate(grant.user),
    )
    # <% if .native %>
    if grant.session.transport == "body":
        return answer.model_copy(update={"refresh_token": grant.refresh_token})
    # <% end %>
    settings = ctx.settings
    cookie = refresh_cookie(settings, grant.refresh_token, max_age=settings.refresh_idle_ttl)
    response.headers["Set-Cookie"] = cookie
    return answer


@me.get("")
async def read_me(user: CurrentUser, ctx: Ctx) -> s.Me:
    """Read your account."""
    return s.Me.model_validate(await ctx.user(user.user_id))


@me.patch("")
async def update_me(body: s.Rename, user: CurrentUser, ctx: Ctx) -> s.Me:
    """Change your name."""
    account = await ctx.user(user.user_id)
    account.name = body.name
    event("user_updated", description="name")
    return s.Me.model_validate(account)


@me.delete("", status_code=204)
async def delete_me(user: RecentUser, ctx: Ctx) -> None:
    """Delete your account and all it owns; wants a fresh sign-in."""
    await service.delete(ctx, user)


@me.put("/password", status_code=204)
async def change_password(body: s.PasswordChange, user: CurrentUser, ctx: Ctx) -> None:
    """Change your password; all other sessions end."""
    await service.change_password(ctx, user, current_password=body.current_password, new_password=body.new_password)


@me.put("/email", status_code=202)
async def change_email(body: s.AddressChange, user: RecentUser, ctx: Ctx) -> s.Accepted:
    """Ask for another address, to be confirmed by mail; wants a fresh sign-in."""
    await service.request_email_change(ctx, user, new_email=body.new_email)
    return s.Accepted()


@me.post("/email/confirm", status_code=204, responses={409: {}})
async def confirm_email(body: s.Confirmation, user: CurrentUser, ctx: Ctx) -> None:
    """Confirm the new address with the mailed token."""
    await service.confirm_email_change(ctx, user, token=body.token)


@me.get("/sessions")
async def list_sessions(user: CurrentUser, ctx: Ctx) -> s.SessionList:
    """List where you are signed in."""
    seen_after = utcnow() - sessions.idle(ctx)
    live = ctx.accounts.live_sessions(user.user_id, seen_after=seen_after)
    items = [s.SessionView.model_validate(one) for one in await ctx.accounts.sessions(live)]
    for one in items:
        one.current = one.id == user.session_id
    return s.SessionList(items=items)


@me.delete("/sessions", status_code=204)
async def end_other_sessions(user: RecentUser, ctx: Ctx) -> None:
    """End all your other sessions; wants a fresh sign-in."""
    await sessions.end(ctx, user.user_id, keep=[user.session_id])


@me.delete("/sessions/{session_id}", status_code=204)
async def end_session(session_id: UUID, user: RecentUser, ctx: Ctx) -> None:
    """End one of your sessions; wants a fresh sign-in."""
    if not await sessions.end(ctx, user.user_id, only=session_id):
        raise not_found()
