"""Runs migrations; Alembic executes this file."""

import asyncio
from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, text

import app.main  # noqa: F401 - imports every table
from app.config import get_settings
from app.core.db import Base, UtcDateTime, create_engine

# Any number, the same in every replica.
LOCK = 7_266_521_403


def _run(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # Replicas that start at once take turns; the second finds nothing to do.
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        transactional_ddl=True,
        render_item=_render,
    )
    with context.begin_transaction():
        context.run_migrations()


def _render(kind: str, what: object, _context: AutogenContext) -> str | Literal[False]:
    """The types of this service as plain SQL ones: a migration outlives them."""
    return "sa.DateTime(timezone=True)" if isinstance(what, UtcDateTime) else False


async def _main() -> None:
    url = context.config.attributes.get("url") or get_settings().database_url.get_secret_value()
    engine = create_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_run)
    finally:
        await engine.dispose()


asyncio.run(_main())
