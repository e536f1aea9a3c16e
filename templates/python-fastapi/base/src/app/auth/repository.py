"""The tables of accounts and all SQL about them.

A session that ended has no row. Whatever may be used once is claimed by one conditional UPDATE.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import CursorResult, Delete, ForeignKey, Row, Select, String, Update, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime, utcnow

type Kept = Select[UUID] | Sequence[UUID]


class User(Base):
    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str | None] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(20), default="user")
    # Until the address is verified this is what somebody chose who may not own it.
    password_hash: Mapped[str | None] = mapped_column(String(255))
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disabled: Mapped[bool] = mapped_column(default=False)
    failed_logins: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class Session(Base):
    __tablename__ = "sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    # <% if .native %>
    transport: Mapped[str] = mapped_column(String(10), default="cookie")
    # <% end %>
    auth_time: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ip: Mapped[str] = mapped_column(String(45))
    user_agent: Mapped[str] = mapped_column(String(200))


class RefreshToken(Base):
    """Used ones stay until their session ends, so that a replay is noticed."""

    __tablename__ = "refresh_tokens"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OneTimeToken(Base):
    """What a link in a mail carries; at most one per account and purpose is good."""

    __tablename__ = "one_time_tokens"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    new_email: Mapped[str | None] = mapped_column(String(254))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AccountRepository:
    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def _count(self, statement: Update | Delete) -> int:
        return cast("CursorResult[Any]", await self._db.execute(statement)).rowcount

    async def add(self, row: User | Session | RefreshToken | OneTimeToken) -> None:
        self._db.add(row)
        await self._db.flush()

    # Users

    async def user(self, user_id: UUID) -> User | None:
        return await self._db.get(User, user_id)

    async def user_by_email(self, email: str) -> User | None:
        return await self._db.scalar(select(User).where(User.email == email))

    async def count_failure(self, user_id: UUID) -> None:
        failures = User.failed_logins + 1
        await self._count(update(User).where(User.id == user_id).values(failed_logins=failures))

    async def lock(self, user: User) -> None:
        """Until this transaction ends, others that lock the account wait (PostgreSQL)."""
        await self._db.execute(select(User.id).where(User.id == user.id).with_for_update())

    async def add_user(self, user: User) -> bool:
        """False when the address has been taken at this very moment."""
        self._db.add(user)
        return await self._is_unique()

    async def set_pending(self, user_id: UUID, *, password_hash: str | None, name: str | None) -> bool:
        """Replace what waits for verification; False when the account is verified by now."""
        statement = update(User).where(User.id == user_id, User.verified_at.is_(None))
        return await self._count(statement.values(password_hash=password_hash, name=name)) == 1

    async def change_email(self, user: User, email: str) -> bool:
        """False when another account has the address."""
        unverified = User.verified_at.is_(None)
        await self._count(delete(User).where(User.email == email, unverified))
        user.email = email
        return await self._is_unique()

    async def _is_unique(self) -> bool:
        try:
            await self._db.flush()
        except IntegrityError:
            await self._db.rollback()
            return False
        return True

    async def delete_user(self, user_id: UUID) -> None:
        await self._count(delete(User).where(User.id == user_id))

    # Tokens

    async def one_time_token(self, token_hash: str, purpose: str) -> OneTimeToken | None:
        return await self._db.scalar(
            select(OneTimeToken).where(
                OneTimeToken.token_hash == token_hash,
                OneTimeToken.purpose == purpose,
                OneTimeToken.used_at.is_(None),
                OneTimeToken.expires_at > utcnow(),
            )
        )

    async def claim(self, token: OneTimeToken | RefreshToken) -> bool:
        """Use a token up; of any number of parallel tries exactly one gets True."""
        kind = type(token)
        unused = update(kind).where(kind.token_hash == token.token_hash, kind.used_at.is_(None))
        return await self._count(unused.values(used_at=utcnow())) == 1

    async def delete_one_time_tokens(self, user_id: UUID, purpose: str | None = None) -> None:
        statement = delete(OneTimeToken).where(OneTimeToken.user_id == user_id)
        if purpose:
            statement = statement.where(OneTimeToken.purpose == purpose)
        await self._count(statement)

    # Sessions

    async def session_of(self, token_hash: str) -> Row[RefreshToken, Session, User] | None:
        """The refresh token, used or not, with its session and account."""
        result = await self._db.execute(
            select(RefreshToken, Session, User)
            .join(Session, RefreshToken.session_id == Session.id)
            .join(User, Session.user_id == User.id)
            .where(RefreshToken.token_hash == token_hash)
        )
        return result.one_or_none()

    async def drop_unused_refresh_tokens(self, session_id: UUID) -> None:
        unused = RefreshToken.used_at.is_(None)
        await self._count(delete(RefreshToken).where(RefreshToken.session_id == session_id, unused))

    async def touch_session(self, session_id: UUID, **values: datetime | str) -> bool:
        """Note where a session was seen; False when it has just ended."""
        statement = update(Session).where(Session.id == session_id)
        return await self._count(statement.values(last_seen_at=utcnow(), **values)) == 1

    async def session(self, session_id: UUID) -> Session | None:
        return await self._db.get(Session, session_id)

    def live_sessions(self, user_id: UUID, *, seen_after: datetime) -> Select[UUID]:
        """The ids of a user's live sessions, newest first."""
        live = (Session.expires_at > utcnow(), Session.last_seen_at > seen_after)
        statement = select(Session.id).where(Session.user_id == user_id, *live)
        return statement.order_by(Session.created_at.desc())

    async def sessions(self, ids: Select[UUID]) -> list[Session]:
        statement = select(Session).where(Session.id.in_(ids))
        return list(await self._db.scalars(statement.order_by(Session.created_at.desc())))

    async def end_sessions(self, user_id: UUID, *, only: UUID | None, keep: Kept) -> int:
        statement = delete(Session).where(Session.user_id == user_id, Session.id.not_in(keep))
        return await self._count(statement.where(Session.id == only) if only else statement)
