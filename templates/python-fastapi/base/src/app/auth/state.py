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
    .where(Session.id == bindparam("session_id"), Session.expires_at > bindparam("now"))
    .where(User.disabled.is_(False))
)


class Account(NamedTuple):
    user_id: UUID
    role: str


class Auth:
    def __init__(self, settings: Settings) -> None:
        keys = load_keys(settings.jwt_private_keys.get_secret_value())
        self.tokens = AccessTokens(keys, issuer=settings.public_url, lifetime=settings.access_ttl)
        hosts = [urlsplit(url).hostname or "" for url in (settings.public_url, settings.app_url)]
        self.policy = PasswordPolicy(settings.password_min_length, words=[NAME, TITLE, *hosts])
        self.hasher = Hasher()
        # For a second: no later does the end of a session, an account or a role act.
        self.live = Remembered[UUID, Account]()

    async def account(self, database: Database, session_id: UUID) -> Account | None:
        """Whose session this is; None once it has ended."""
        account = self.live.get(session_id)
        if account is None:
            values = {"session_id": session_id, "now": utcnow()}
            async with database.engine.connect() as connection:
                row = (await connection.execute(LIVE_SESSION, values)).one_or_none()
            if row is not None:
                account = Account(*row)
                self.live.put(session_id, account)
        return account
