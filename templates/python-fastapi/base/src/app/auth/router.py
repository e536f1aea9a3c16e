"""/v1/auth: registration, signing in, links from mails. /v1/me: the account of the caller."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.auth import schemas as s
from app.auth import service, sessions
from app.auth.context import Accounts
from app.auth.permissions import CurrentUser, RecentUser, genuine_claims
from app.auth.sessions import presented_cookie, refresh_cookie
from app.auth.state import Auth
from app.core.routes import Public

auth = APIRouter(prefix="/v1/auth", tags=["auth"])
me = APIRouter(prefix="/v1/me", tags=["me"])
well_known = APIRouter(dependencies=[Public], tags=["auth"])


@well_known.get("/.well-known/jwks.json")
async def jwks(request: Request) -> dict[str, list[dict[str, Any]]]:
    state: Auth = request.app.state.auth
    return state.tokens.jwks()


@auth.post("/register", status_code=202, dependencies=[Public])
async def register(body: s.Registration, accounts: Accounts) -> s.Accepted:
    await service.register(accounts, email=body.email, password=body.password, name=body.name)
    return s.Accepted()


@auth.post("/verify-email", status_code=204, dependencies=[Public])
async def verify_email(body: s.Verification, accounts: Accounts) -> None:
    await service.verify_email(accounts, token=body.token, password=body.password)


@auth.post("/verify-email/resend", status_code=202, dependencies=[Public])
async def resend(body: s.AddressOnly, accounts: Accounts) -> s.Accepted:
    await service.resend(accounts, email=body.email)
    return s.Accepted()


@auth.post("/password/forgot", status_code=202, dependencies=[Public])
async def forgot(body: s.AddressOnly, accounts: Accounts) -> s.Accepted:
    await service.forgot_password(accounts, email=body.email)
    return s.Accepted()


@auth.post("/password/reset", status_code=204, dependencies=[Public])
async def reset(body: s.PasswordReset, accounts: Accounts) -> None:
    await service.reset_password(accounts, token=body.token, new_password=body.new_password)


@auth.post(
    "/login",
    dependencies=[Public],
    # <% if .native %>
    response_model_exclude_none=True,
    # <% end %>
)
async def login(
    body: s.Login, request: Request, response: Response, accounts: Accounts
) -> s.SignedIn:
    grant = await sessions.sign_in(
        accounts,
        email=body.email,
        password=body.password,
        # <% if .native %>
        transport=body.transport,
        from_browser="origin" in request.headers,
        # <% end %>
        replaces=presented_cookie(request),
    )
    return signed_in(accounts, response, grant)


@auth.post(
    "/refresh",
    dependencies=[Public],
    # <% if .native %>
    response_model_exclude_none=True,
    # <% end %>
)
async def refresh(
    body: s.Renewal, request: Request, response: Response, accounts: Accounts
) -> s.SignedIn:
    # <% if .native %>
    if body.refresh_token is not None:
        grant = await sessions.refresh(accounts, presented=body.refresh_token, transport="body")
        return signed_in(accounts, response, grant)
    # <% end %>
    grant = await sessions.refresh(accounts, presented=presented_cookie(request))
    return signed_in(accounts, response, grant)


@auth.post(
    "/reauth",
    # <% if .native %>
    response_model_exclude_none=True,
    # <% end %>
)
async def reauth(
    body: s.Reauthentication, response: Response, user: CurrentUser, accounts: Accounts
) -> s.SignedIn:
    grant = await sessions.reauthenticate(accounts, user, password=body.password)
    return signed_in(accounts, response, grant)


@auth.post("/logout", status_code=204, dependencies=[Public])
async def logout(body: s.Renewal, request: Request, accounts: Accounts) -> Response:
    presented = presented_cookie(request)
    # <% if .native %>
    presented = body.refresh_token or presented
    # <% end %>
    claims = genuine_claims(request.scope)
    session_id = claims.session_id if claims else None
    await sessions.sign_out(accounts, presented=presented, session_id=session_id)
    response = Response(status_code=204)
    response.headers["Set-Cookie"] = refresh_cookie(accounts.settings, "", max_age=0)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def signed_in(accounts: Accounts, response: Response, grant: sessions.Grant) -> s.SignedIn:
    """The access token in the body, the refresh token where no script can read it."""
    answer = s.SignedIn(
        access_token=grant.access_token,
        expires_in=accounts.auth.tokens.lifetime,
        user=s.SignedInUser.model_validate(grant.user),
    )
    # <% if .native %>
    if grant.session.transport == "body":
        return answer.model_copy(update={"refresh_token": grant.refresh_token})
    # <% end %>
    settings = accounts.settings
    cookie = refresh_cookie(settings, grant.refresh_token, max_age=settings.refresh_idle_ttl)
    response.headers["Set-Cookie"] = cookie
    return answer


@me.get("")
async def read_me(user: CurrentUser, accounts: Accounts) -> s.Me:
    return s.Me.model_validate(await accounts.user(user.user_id))


@me.patch("")
async def update_me(body: s.Rename, user: CurrentUser, accounts: Accounts) -> s.Me:
    return s.Me.model_validate(await service.rename(accounts, user, name=body.name))


@me.delete("", status_code=204)
async def delete_me(user: RecentUser, accounts: Accounts) -> None:
    await service.delete(accounts, user)


@me.put("/password", status_code=204)
async def change_password(body: s.PasswordChange, user: CurrentUser, accounts: Accounts) -> None:
    await service.change_password(
        accounts, user, current_password=body.current_password, new_password=body.new_password
    )


@me.put("/email", status_code=202)
async def change_email(body: s.AddressChange, user: RecentUser, accounts: Accounts) -> s.Accepted:
    await service.request_email_change(accounts, user, new_email=body.new_email)
    return s.Accepted()


@me.post("/email/confirm", status_code=204)
async def confirm_email(body: s.Confirmation, user: CurrentUser, accounts: Accounts) -> None:
    await service.confirm_email_change(accounts, user, token=body.token)


@me.get("/sessions")
async def list_sessions(user: CurrentUser, accounts: Accounts) -> s.SessionList:
    return s.SessionList(items=await sessions.listing(accounts, user))


@me.delete("/sessions", status_code=204)
async def end_other_sessions(user: RecentUser, accounts: Accounts) -> None:
    await sessions.end_all(accounts, user.user_id, keep=[user.session_id])


@me.delete("/sessions/{session_id}", status_code=204)
async def end_session(session_id: UUID, user: RecentUser, accounts: Accounts) -> None:
    await sessions.end_one(accounts, user, session_id=session_id)
