"""/v1/auth: registration, signing in, links from mails."""

from typing import Any

from fastapi import APIRouter, Request, Response

from app.auth import schemas as s
from app.auth import service, sessions
from app.auth.context import Accounts
from app.auth.cookies import presented_cookie, refresh_cookie
from app.auth.permissions import CurrentUser, genuine_claims
from app.auth.state import Auth
from app.core.routes import Public

router = APIRouter(prefix="/v1/auth", tags=["auth"])
well_known = APIRouter(dependencies=[Public], tags=["auth"])


@well_known.get("/.well-known/jwks.json")
async def jwks(request: Request) -> dict[str, list[dict[str, Any]]]:
    auth: Auth = request.app.state.auth
    return auth.tokens.jwks()


@router.post("/register", status_code=202, dependencies=[Public])
async def register(body: s.Registration, accounts: Accounts) -> s.Accepted:
    await service.register(accounts, email=body.email, password=body.password, name=body.name)
    return s.Accepted()


@router.post("/verify-email", status_code=204, dependencies=[Public])
async def verify_email(body: s.Verification, accounts: Accounts) -> None:
    await service.verify_email(accounts, token=body.token, password=body.password)


@router.post("/verify-email/resend", status_code=202, dependencies=[Public])
async def resend(body: s.AddressOnly, accounts: Accounts) -> s.Accepted:
    await service.resend(accounts, email=body.email)
    return s.Accepted()


@router.post("/password/forgot", status_code=202, dependencies=[Public])
async def forgot(body: s.AddressOnly, accounts: Accounts) -> s.Accepted:
    await service.forgot_password(accounts, email=body.email)
    return s.Accepted()


@router.post("/password/reset", status_code=204, dependencies=[Public])
async def reset(body: s.PasswordReset, accounts: Accounts) -> None:
    await service.reset_password(accounts, token=body.token, new_password=body.new_password)


@router.post(
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


@router.post(
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


@router.post(
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


@router.post("/logout", status_code=204, dependencies=[Public])
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
