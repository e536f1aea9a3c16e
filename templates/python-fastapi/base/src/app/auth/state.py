"""What accounts keep for the life of the process."""

from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import bindparam, select

from app import NAME, TITLE
from app.auth.models import Session, User
from app.auth.passwords import Hasher, PasswordPolicy
from app.auth.tokens import AccessTokens, Remembered, load_keys
from app.config import Settings
from app.core.db import Database, utcnow

LIVE_SESSION = (
    select(User.id, User.role)
    .join(Session, Session.user_id == User.id)
    .where(
        Session.id == bindparam("session_id"),
        Session.expires_at > bindparam("now"),
        User.disabled.is_(False),
    )
)


class Account(NamedTuple):
    user_id: UUID
    role: str


class LiveSessions:
    """Who a session belongs to now, remembered for a second: no later does a revocation act."""

    def __init__(self) -> None:
        self._remembered = Remembered[UUID, Account]()

    async def account(self, database: Database, session_id: UUID) -> Account | None:
        account = self._remembered.get(session_id)
        if account is None:
            values = {"session_id": session_id, "now": utcnow()}
            async with database.engine.connect() as connection:
                row = (await connection.execute(LIVE_SESSION, values)).one_or_none()
            if row is not None:
                account = Account(*row)
                self._remembered.put(session_id, account)
        return account

    def forget(self) -> None:
        """Look everything up again; cheaper than knowing whose sessions just ended."""
        self._remembered.clear()


class Auth:
    def __init__(self, settings: Settings) -> None:
        self.tokens = AccessTokens(
            load_keys(settings.jwt_private_keys.get_secret_value()),
            issuer=settings.public_url,
            lifetime=settings.access_ttl,
        )
        hosts = (urlsplit(url).hostname or "" for url in (settings.public_url, settings.app_url))
        self.policy = PasswordPolicy(
            min_length=settings.password_min_length, app_words=(NAME, TITLE, *hosts)
        )
        self.hasher = Hasher()
        self.live_sessions = LiveSessions()
