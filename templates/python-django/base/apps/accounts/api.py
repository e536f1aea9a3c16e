"""/v1/auth: registration, signing in, links from mails. /v1/me: the account of the caller."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from ninja import Router, Status

from apps.accounts import schemas as s
from apps.accounts import selectors, services, sessions, tokens
from apps.accounts.auth import RecentlySignedIn, SignedIn
from apps.accounts.guessing import Client
from apps.accounts.sessions import Grant, refresh_cookie
from core.http import Request
from core.problem import (
    # <% if .native %>
    Problem,
    # <% end %>
    not_found,
)

well_known_router = Router(tags=["auth"], auth=None)
auth_router = Router(tags=["auth"], auth=None)
me_router = Router(tags=["me"], auth=SignedIn())
RECENTLY = RecentlySignedIn()
ACCEPTED = Status(202, s.Accepted())
DONE = Status(204, None)


@well_known_router.get("/.well-known/jwks.json", response=s.KeySet)
def jwks(request: Request) -> dict[str, list[dict[str, Any]]]:
    """Publish the keys that access tokens are signed with."""
    return tokens.jwks()


@auth_router.post("/register", response={202: s.Accepted})
def register(request: Request, body: s.Registration) -> Status[s.Accepted]:
    """Ask for an account; a mail follows."""
    services.register(email=body.email, password=body.password, name=body.name, client=Client.of(request))
    return ACCEPTED


@auth_router.post("/verify-email", response={204: None, 401: None})
def verify_email(request: Request, body: s.Verification) -> Status[None]:
    """Confirm the address with the mailed token, and open the account."""
    services.verify_email(token=body.token, password=body.password, client=Client.of(request))
    return DONE


@auth_router.post("/verify-email/resend", response={202: s.Accepted})
def resend_verification(request: Request, body: s.AddressOnly) -> Status[s.Accepted]:
    """Mail the confirmation again."""
    services.resend(email=body.email, client=Client.of(request))
    return ACCEPTED


@auth_router.post("/password/forgot", response={202: s.Accepted})
def forgot_password(request: Request, body: s.AddressOnly) -> Status[s.Accepted]:
    """Ask for a mail to set a new password."""
    services.forgot_password(email=body.email, client=Client.of(request))
    return ACCEPTED


@auth_router.post("/password/reset", response={204: None, 401: None})
def reset_password(request: Request, body: s.PasswordReset) -> Status[None]:
    """Set a new password with the mailed token."""
    client = Client.of(request)
    services.reset_password(token=body.token, new_password=body.new_password, client=client)
    return DONE


@auth_router.post("/login", response={200: s.SignedIn, 401: None})
def login(request: Request, body: s.Login, response: HttpResponse) -> Status[s.SignedIn]:
    """Sign in."""
    # <% if .native %>
    if body.transport == "body" and "Origin" in request.headers:
        raise Problem(403, "forbidden", "A browser keeps its refresh token in a cookie.")
    # <% end %>
    grant = sessions.sign_in(
        email=body.email,
        password=body.password,
        client=Client.of(request),
        replaces=presented_cookie(request),
        # <% if .native %>
        transport=body.transport,
        # <% end %>
    )
    return signed_in(response, grant)


@auth_router.post("/refresh", response={200: s.SignedIn, 401: None, 409: None})
def refresh(request: Request, body: s.Renewal, response: HttpResponse) -> Status[s.SignedIn]:
    """Get new tokens for the refresh token, which is used up."""
    client = Client.of(request)
    # <% if .native %>
    if body.refresh_token is not None:
        grant = sessions.refresh(presented=body.refresh_token, client=client, transport="body")
        return signed_in(response, grant)
    # <% end %>
    grant = sessions.refresh(presented=presented_cookie(request), client=client)
    return signed_in(response, grant)


@auth_router.post("/reauth", auth=SignedIn(), response={200: s.SignedIn})
def reauth(request: Request, body: s.Reauthentication, response: HttpResponse) -> Status[s.SignedIn]:
    """Show the password again, for calls that want a fresh sign-in."""
    client = Client.of(request)
    grant = sessions.reauthenticate(request.auth, password=body.password, client=client)
    return signed_in(response, grant)


@auth_router.post("/logout", response={204: None})
def logout(request: Request, body: s.Renewal, response: HttpResponse) -> Status[None]:
    """Sign out."""
    presented = presented_cookie(request)
    # <% if .native %>
    presented = body.refresh_token or presented
    # <% end %>
    session_id = request.claims.session_id if request.claims else None
    sessions.sign_out(presented=presented, session_id=session_id)
    response.headers["Set-Cookie"] = refresh_cookie("", max_age=0)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return DONE


def presented_cookie(request: Request) -> str | None:
    return request.COOKIES.get(settings.REFRESH_COOKIE)


def signed_in(response: HttpResponse, grant: Grant) -> Status[s.SignedIn]:
    """The access token in the body, the refresh token where no script can read it."""
    answer = s.SignedIn(
        access_token=grant.access_token,
        expires_in=settings.ACCESS_TTL,
        user=s.SignedInUser.model_validate(grant.user),
    )
    # <% if .native %>
    if grant.session.transport == "body":
        return Status(200, answer.model_copy(update={"refresh_token": grant.refresh_token}))
    # <% end %>
    cookie = refresh_cookie(grant.refresh_token, max_age=settings.REFRESH_IDLE_TTL)
    response.headers["Set-Cookie"] = cookie
    return Status(200, answer)


@me_router.get("", response=s.Me)
def read_me(request: Request) -> s.Me:
    """Read your account."""
    return s.Me.model_validate(services.account(request.auth))


@me_router.patch("", response=s.Me)
def update_me(request: Request, body: s.Rename) -> s.Me:
    """Change your name."""
    return s.Me.model_validate(services.rename(request.auth, name=body.name))


@me_router.delete("", auth=RECENTLY, response={204: None})
def delete_me(request: Request) -> Status[None]:
    """Delete your account and all it owns; wants a fresh sign-in."""
    services.delete(request.auth)
    return DONE


@me_router.put("/password", response={204: None})
def change_password(request: Request, body: s.PasswordChange) -> Status[None]:
    """Change your password; all other sessions end."""
    services.change_password(
        request.auth,
        current_password=body.current_password,
        new_password=body.new_password,
        client=Client.of(request),
    )
    return DONE


@me_router.put("/email", auth=RECENTLY, response={202: s.Accepted})
def change_email(request: Request, body: s.AddressChange) -> Status[s.Accepted]:
    """Ask for another address, to be confirmed by mail; wants a fresh sign-in."""
    client = Client.of(request)
    services.request_email_change(request.auth, new_email=body.new_email, client=client)
    return ACCEPTED


@me_router.post("/email/confirm", response={204: None, 409: None})
def confirm_email(request: Request, body: s.Confirmation) -> Status[None]:
    """Confirm the new address with the mailed token."""
    services.confirm_email_change(request.auth, token=body.token)
    return DONE


@me_router.get("/sessions", response=s.SessionList)
def list_sessions(request: Request) -> s.SessionList:
    """List where you are signed in."""
    live = selectors.live_sessions(request.auth.user_id)
    items = [s.SessionView.model_validate(one) for one in live]
    for one in items:
        one.current = one.id == request.auth.session_id
    return s.SessionList(items=items)


@me_router.delete("/sessions", auth=RECENTLY, response={204: None})
def end_other_sessions(request: Request) -> Status[None]:
    """End all your other sessions; wants a fresh sign-in."""
    sessions.end(request.auth.user_id, keep=[request.auth.session_id])
    return DONE


@me_router.delete("/sessions/{session_id}", auth=RECENTLY, response={204: None})
def end_session(request: Request, session_id: UUID) -> Status[None]:
    """End one of your sessions; wants a fresh sign-in."""
    if not sessions.end(request.auth.user_id, only=session_id):
        raise not_found()
    return DONE
