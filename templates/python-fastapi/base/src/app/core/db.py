"""The database: one engine, one session for each request."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import DateTime, Dialect, MetaData, event, func, select, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.types import TypeDecorator

from app.config import Settings
from app.core.errors import Problem
from app.core.http_security import SAFE_METHODS

MIGRATIONS = Path(__file__).parents[1] / "migrations"
CONNECT_SECONDS = 5
QUERY_SECONDS = 10
# SQLSTATEs of a server that is gone, full, closed to us, read-only or wants another try (deadlocks).
AWAY = ("08", "25006", "28", "3D", "40", "53", "57")
# <% if .idempotency %>
# Marks a session whose transaction stores the answer too: whoever stores it commits.
ANSWER_TOO = "answer too"
# <% end %>
PRAGMAS = ("PRAGMA journal_mode=WAL", "PRAGMA foreign_keys=ON", "PRAGMA busy_timeout=5000", "PRAGMA synchronous=NORMAL")


class Base(DeclarativeBase):
    """All tables; constraints get predictable names so that migrations can drop them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time on both databases; SQLite alone would forget the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None else value.replace(tzinfo=value.tzinfo or UTC)


def utcnow() -> datetime:
    return datetime.now(UTC)


class Database:
    """An engine and its sessions, for as long as the process lives."""

    def __init__(self, url: str) -> None:
        self.engine = create_engine(url)
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    async def is_up(self) -> bool:
        try:
            async with self.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except (DBAPIError, PoolTimeout, OSError):
            return False
        return True

    async def is_superuser(self) -> bool:
        """Whether PostgreSQL would let this role do anything (B5)."""
        if self.engine.dialect.name != "postgresql":
            return False
        query = text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        async with self.engine.connect() as connection:
            return bool(await connection.scalar(query))


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    database = Database(settings.database_url.get_secret_value())
    try:
        yield database
    finally:
        await database.engine.dispose()


def create_engine(url: str) -> AsyncEngine:
    """Map DATABASE_URL to its driver; the other driver is never imported."""
    if url.startswith("postgresql://"):
        return _postgres(url)
    path = url.removeprefix("sqlite://").removeprefix("/")
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(f"sqlite+aiosqlite:///{path}", hide_parameters=True)
    else:
        # A memory database lives in one connection, used by one session at a time.
        one = {"poolclass": AsyncAdaptedQueuePool, "pool_size": 1, "max_overflow": 0}
        engine = create_async_engine("sqlite+aiosqlite://", hide_parameters=True, **one)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    return engine


def _postgres(url: str) -> AsyncEngine:
    import asyncpg

    async def connect() -> Any:
        return await asyncpg.connect(
            url,
            timeout=CONNECT_SECONDS,
            command_timeout=QUERY_SECONDS,
            server_settings={"application_name": "scaffold-sample", "timezone": "UTC"},
        )

    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        hide_parameters=True,
        pool_size=10,
        max_overflow=10,
        pool_timeout=CONNECT_SECONDS,
        pool_recycle=1800,
    )


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    for setting in PRAGMAS:
        cursor.execute(setting)
    cursor.close()


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    """One transaction a request, in the session the gate opened; it commits here, before the answer leaves.

    A safe method is never committed, so it cannot change anything.
    """
    session: AsyncSession = request.state.session
    try:
        yield session
    except Problem as problem:
        if problem.keep_changes:
            await session.commit()
        raise
    # <% if .idempotency %>
    if ANSWER_TOO in session.info:
        return
    # <% end %>
    if request.method not in SAFE_METHODS:
        await session.commit()
    await session.close()


DbSession = Annotated[AsyncSession, Depends(get_session, scope="function")]


async def take_turns(session: AsyncSession, key: str) -> None:
    """Until this transaction ends, others with this key wait; SQLite lets only one write anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def is_outage(exc: BaseException) -> bool:
    """Whether the database is away, rather than the statement wrong."""
    if isinstance(exc, IntegrityError):
        return False
    if isinstance(exc, DBAPIError) and str(getattr(exc.orig, "sqlstate", "")).startswith(AWAY):
        return True
    return isinstance(exc, (OperationalError, InterfaceError, PoolTimeout, OSError))


def upgrade(settings: Settings) -> None:
    """Bring the database to the schema this code expects."""
    from alembic import command
    from alembic.config import Config

    # The URL is no option: Alembic's file format would interpolate it.
    config = Config(attributes={"url": settings.database_url.get_secret_value()})
    config.set_main_option("script_location", str(MIGRATIONS))
    command.upgrade(config, "heads")
