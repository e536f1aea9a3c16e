"""Signing in, staying signed in, and the end of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.accounts import auth, selectors, tokens
from apps.accounts.auth import Principal
from apps.accounts.guessing import Client, password_matches
from apps.accounts.models import RefreshToken, Session, User
from apps.accounts.schemas import lookup_form
from core.logging import bind_user, event
from core.problem import Problem


@dataclass(frozen=True, slots=True)
class Grant:
    """Fresh tokens of a session."""

    access_token: str
    refresh_token: str
    user: User
    session: Session


def refresh_cookie(value: str, *, max_age: int) -> str:
    """The Set-Cookie field; no age and no value clear it."""
    secure = "Secure; " if settings.PRODUCTION else ""
    attributes = f"Path=/; {secure}HttpOnly; SameSite=Strict; Max-Age={max_age}"
    return f"{settings.REFRESH_COOKIE}={value}; {attributes}"


def refused() -> Problem:
    """Unknown, unverified, disabled, wrong: one answer."""
    event("authn_login_fail", level="warning")
    return Problem(401, "invalid-credentials")


def sign_in(
    *,
    email: str,
    password: str,
    client: Client,
    replaces: str | None = None,
    # <% if .native %>
    transport: str = "cookie",
    # <% end %>
) -> Grant:
    """Start a session; `replaces` is the refresh token of the one before in this browser."""
    address = lookup_form(email)
    user = selectors.user_by_email(address)
    right = password_matches(user, email=address, password=password, client=client)
    if user is None or not right or user.verified_at is None or user.disabled:
        raise refused()
    if found := selectors.refresh_token(replaces):
        end(found.session.user_id, only=found.session_id)
    event("authn_login_success", user_id=str(user.id))
    return start(
        user,
        client,
        # <% if .native %>
        transport=transport,
        # <% end %>
    )


def lock(user: User) -> None:
    """One change of an account after the other; refused when it was closed, or its password changed, meanwhile."""
    if User.objects.select_for_update().filter(id=user.id, password=user.password).first() is None:
        raise refused()


@transaction.atomic
def start(
    user: User,
    client: Client,
    # <% if .native %>
    *,
    transport: str = "cookie",
    # <% end %>
) -> Grant:
    bind_user(user.id)
    lock(user)
    newest = selectors.live_sessions(user.id)[: settings.MAX_SESSIONS - 1]
    end(user.id, keep=list(newest.values_list("id", flat=True)))
    now = timezone.now()
    session = Session.objects.create(
        user=user,
        # <% if .native %>
        transport=transport,
        # <% end %>
        auth_time=now,
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(seconds=settings.REFRESH_MAX_TTL),
        ip=client.ip,
        user_agent=client.user_agent,
    )
    event("session_created")
    return grant(user, session)


def grant(user: User, session: Session) -> Grant:
    secret = tokens.new_secret()
    RefreshToken.objects.create(token_hash=tokens.digest(secret), session=session)
    access_token = tokens.issue(
        user_id=user.id,
        session_id=session.id,
        auth_time=int(session.auth_time.timestamp()),
        latest=int(session.expires_at.timestamp()),
    )
    event("authn_token_created")
    return Grant(access_token, secret, user, session)


def refresh(
    *,
    presented: str | None,
    client: Client,
    # <% if .native %>
    transport: str = "cookie",
    # <% end %>
) -> Grant:
    """Exchange a refresh token, once; seeing it again ends the whole session."""
    token = selectors.refresh_token(presented)
    if token is None:
        raise _unusable()
    # <% if .native %>
    if token.session.transport != transport:
        raise _unusable()
    # <% end %>
    session, user, now = token.session, token.session.user, timezone.now()
    bind_user(user.id)
    idle = now - session.last_seen_at >= timedelta(seconds=settings.REFRESH_IDLE_TTL)
    if now >= session.expires_at or idle or user.disabled:
        event("session_expired")
        end(user.id, only=session.id)
        raise _unusable()
    with transaction.atomic():
        # The session before its token: whoever ends it takes the same locks in the same order.
        if not _touch(session, now, ip=client.ip, user_agent=client.user_agent):
            raise _unusable()
        if RefreshToken.objects.filter(pk=token.pk, used_at=None).update(used_at=now):
            event("session_renewed")
            return grant(user, session)
    raise _replayed(session, age=now - (token.used_at or now))


def _replayed(session: Session, *, age: timedelta) -> Problem:
    # Two tabs at once are no theft, but they get no second token either.
    if age < timedelta(seconds=settings.REFRESH_GRACE_SECONDS):
        return Problem(409, "conflict")
    event("authn_token_reuse", level="error")
    end(session.user_id, only=session.id)
    return _unusable()


def _unusable() -> Problem:
    headers = {"Set-Cookie": refresh_cookie("", max_age=0)}
    return Problem(401, "unauthenticated", headers=headers)


def _touch(session: Session, now: datetime, **values: datetime | str) -> bool:
    """Note where a session was seen; False when it has just ended."""
    return Session.objects.filter(id=session.id).update(last_seen_at=now, **values) == 1


def reauthenticate(principal: Principal, *, password: str, client: Client) -> Grant:
    """Step up: new tokens with a fresh auth_time; the refresh token before them dies."""
    session = Session.objects.select_related("user").filter(id=principal.session_id).first()
    if session is None:
        raise refused()
    user = session.user
    if not password_matches(user, email=user.email, password=password, client=client):
        raise refused()
    session.auth_time = timezone.now()
    with transaction.atomic():
        if not _touch(session, session.auth_time, auth_time=session.auth_time):
            raise refused()
        RefreshToken.objects.filter(session=session, used_at=None).delete()
        event("authn_login_success", description="step-up")
        return grant(user, session)


def sign_out(*, presented: str | None, session_id: UUID | None) -> None:
    """End the session of a refresh token, or of an access token; having none is fine."""
    token = selectors.refresh_token(presented)
    session = token.session if token else None
    if session is None and session_id is not None:
        session = Session.objects.filter(id=session_id).first()
    if session is not None:
        bind_user(session.user_id)
        end(session.user_id, only=session.id)
        event("session_logout")


def end(user_id: UUID, *, only: UUID | None = None, keep: Iterable[UUID] = ()) -> bool:
    """End sessions of a user; their refresh tokens go too, access tokens within a second."""
    ending = Session.objects.filter(user_id=user_id).exclude(id__in=keep)
    ended, _ = (ending.filter(id=only) if only else ending).delete()
    if ended:
        event("authn_token_revoked", user_id=str(user_id))
    # Cheaper than to know which of the remembered ones these were.
    transaction.on_commit(auth.live.clear)
    return ended > 0
