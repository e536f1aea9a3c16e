"""Reads."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet, UUIDField
from django.utils import timezone

from apps.accounts.models import OneTimeToken, RefreshToken, Session, User
from apps.accounts.tokens import digest

# By hand: it is asked of almost every request, and the ORM would write it anew each time.
LIVE_ACCOUNT = """
    SELECT accounts_user.id, accounts_user.role
    FROM accounts_session JOIN accounts_user ON accounts_user.id = accounts_session.user_id
    WHERE accounts_session.id = %s AND accounts_session.expires_at > %s AND NOT accounts_user.disabled
"""


class Account(NamedTuple):
    """Whose session it is."""

    user_id: UUID
    role: str


def user_by_email(email: str) -> User | None:
    return User.objects.filter(email=email).first()


def live_account(session_id: UUID) -> Account | None:
    """None once the session has ended, or its account was closed."""
    known_by = UUIDField().get_db_prep_value(session_id, connection)
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(LIVE_ACCOUNT, [known_by, now])
        found = cursor.fetchone()
    return Account(UUID(str(found[0])), found[1]) if found else None


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
