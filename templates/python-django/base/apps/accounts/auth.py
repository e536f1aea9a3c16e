"""Who calls, by access tokens of live sessions, and what they may do."""

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja.security.http import HttpAuthBase

from apps.accounts.selectors import Account, live_account
from apps.accounts.tokens import InvalidTokenError, Remembered, verify
from core.http import GetResponse, Request
from core.logging import bind_user, event
from core.problem import Problem


class Permission(StrEnum):
    OWN_DATA = "own-data"
    ADMINISTER = "administer"


# A role without a permission has none: deny by default.
ROLES = {
    "user": frozenset({Permission.OWN_DATA}),
    "admin": frozenset({Permission.OWN_DATA, Permission.ADMINISTER}),
}


@dataclass(frozen=True, slots=True)
class Principal:
    user_id: UUID
    session_id: UUID
    role: str
    auth_time: int

    def may(self, permission: Permission) -> bool:
        return permission in ROLES.get(self.role, frozenset())


# For a second: no later does the end of a session, an account or a role act.
live = Remembered[UUID, Account]()


class BearerMiddleware:
    """Reads the access token, for counting calls; the session may have ended."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        request.claims = None
        token = _bearer(request)
        if token is not None:
            try:
                request.claims = verify(token)
            except InvalidTokenError:
                pass
            else:
                request.user_key = str(request.claims.user_id)
        return self._get_response(request)


def _bearer(request: HttpRequest) -> str | None:
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip(" ") if scheme.lower() == "bearer" else None


def invalid_token() -> Problem:
    event("authz_fail", level="warning", description="invalid access token")
    headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return Problem(401, "invalid-token", headers=headers)


class SignedIn(HttpAuthBase):
    """The caller has a live session, and a role with this permission."""

    openapi_scheme = "bearer"
    openapi_bearerFormat = "JWT"  # noqa: N815 - OpenAPI's spelling

    def __init__(self, permission: Permission = Permission.OWN_DATA) -> None:
        super().__init__()
        self._permission = permission

    def __call__(self, request: HttpRequest) -> Principal:
        claims = cast("Request", request).claims
        if claims is None:
            raise Problem(401, "unauthenticated") if _bearer(request) is None else invalid_token()
        account = live.get(claims.session_id)
        if account is None:
            account = live_account(claims.session_id)
            if account is None:
                raise invalid_token()
            live.put(claims.session_id, account)
        if account.user_id != claims.user_id:
            raise invalid_token()
        bind_user(account.user_id, ["pwd"])
        principal = Principal(account.user_id, claims.session_id, account.role, claims.auth_time)
        if not principal.may(self._permission):
            event("authz_fail", level="warning", description=self._permission)
            raise Problem(403, "forbidden")
        return principal


class RecentlySignedIn(SignedIn):
    """A caller who showed their password a short while ago, too (RFC 9470)."""

    def __call__(self, request: HttpRequest) -> Principal:
        principal = super().__call__(request)
        limit = settings.STEP_UP_TTL
        if time.time() - principal.auth_time > limit:
            challenge = f'Bearer error="insufficient_user_authentication", max_age={limit}'
            raise Problem(401, "step-up-required", headers={"WWW-Authenticate": challenge})
        return principal
