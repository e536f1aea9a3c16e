"""Reads."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.models import OneTimeToken, RefreshToken, Session, User
from apps.accounts.tokens import digest


class Account(NamedTuple):
    """Whose session it is."""

    user_id: UUID
    role: str


def user_by_email(email: str) -> User | None:
    return User.objects.filter(email=email).first()


def live_account(session_id: UUID) -> Account | None:
    """None once the session has ended, or its account was closed."""
    accounts = Session.objects.values_list("user_id", "user__role")
    try:
        found = accounts.get(id=session_id, expires_at__gt=timezone.now(), user__disabled=False)
    except Session.DoesNotExist:
        return None
    return Account(*found)


def live_sessions(user_id: UUID) -> QuerySet[Session]:
    """The newest first."""
    now = timezone.now()
    seen_after = now - timedelta(seconds=settings.REFRESH_IDLE_TTL)
    live = Session.objects.filter(user_id=user_id, expires_at__gt=now, last_seen_at__gt=seen_after)
    return live.order_by("-created_at")


def refresh_token(secret: str | None) -> RefreshToken | None:
    """The token, used or not, with its session and account."""
    if not secret:
        return None
    tokens = RefreshToken.objects.select_related("session__user")
    return tokens.filter(token_hash=digest(secret)).first()


def one_time_token(secret: str, purpose: OneTimeToken.Purpose) -> OneTimeToken | None:
    unused = OneTimeToken.objects.filter(purpose=purpose, used_at=None)
    live = unused.filter(token_hash=digest(secret), expires_at__gt=timezone.now())
    return live.select_related("user").first()
