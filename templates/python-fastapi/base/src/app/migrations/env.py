"""Runs migrations; Alembic executes this file."""

import asyncio

from alembic import context
from sqlalchemy import Connection, text

import app.main  # noqa: F401 - imports every table
from app.core.db import Base, create_engine

# Any number, the same in every replica.
LOCK = 7_266_521_403


def _run(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # Replicas that start at once take turns; the second finds nothing to do.
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    context.configure(
        connection=connection, target_metadata=Base.metadata, render_as_batch=True, transactional_ddl=True
    )
    with context.begin_transaction():
        context.run_migrations()


async def _main() -> None:
    engine = create_engine(context.config.attributes["url"])
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_run)
    finally:
        await engine.dispose()


asyncio.run(_main())
