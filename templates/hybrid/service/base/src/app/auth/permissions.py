"""Who calls: the gateway, on behalf of one user. Nobody else is answered."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from starlette.types import Scope

from app.auth.tokens import InvalidTokenError, ServiceTokens
from app.core.errors import Problem
from app.core.logging import bind_user, event
from app.core.routes import access_rule


@dataclass(frozen=True, slots=True)
class Principal:
    user_id: UUID


def authenticate(scope: Scope, tokens: ServiceTokens, body: bytes) -> None:
    """Leave the principal in the request's state, or raise 401."""
    fields = [value for name, value in scope["headers"] if name == b"authorization"]
    if not fields:
        raise Problem(401, "unauthenticated")
    query: bytes = scope["query_string"]
    target = scope["raw_path"] + (b"?" + query if query else b"")
    scheme, _, token = fields[0].decode("latin-1").partition(" ")
    bearer = len(fields) == 1 and scheme.lower() == "bearer"
    try:
        user_id = tokens.verify(
            token if bearer else "",
            method=scope["method"],
            target=target.decode("latin-1"),
            body=body,
        )
    except InvalidTokenError:
        event("authz_fail", level="warning", description="invalid service token")
        headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        raise Problem(401, "invalid-token", headers=headers) from None
    bind_user(user_id)
    scope["state"]["principal"] = Principal(user_id)


@access_rule
async def known(request: Request) -> Principal:
    """A rule for routes: the user the gateway vouches for."""
    principal: Principal = request.state.principal
    return principal


CurrentUser = Annotated[Principal, Depends(known)]
