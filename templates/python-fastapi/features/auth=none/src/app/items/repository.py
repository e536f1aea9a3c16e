"""The items table and all SQL about it."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Index, String, Text, delete, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime, take_turns, utcnow
from app.core.schemas import Position


class Item(Base):
    __tablename__ = "items"
    __table_args__ = (Index("ix_items_created_at_id", "created_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, onupdate=utcnow)


class ItemRepository:
    """Everybody's items: this service has no accounts."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, item_id: UUID) -> Item | None:
        return await self._session.get(Item, item_id)

    async def page(self, limit: int, after: Position | None) -> list[Item]:
        """The newest first; up to `limit` of them."""
        query = select(Item).order_by(Item.created_at.desc(), Item.id.desc()).limit(limit)
        if after is not None:
            query = query.where(tuple_(Item.created_at, Item.id) < (after.at, after.id))
        return list(await self._session.scalars(query))

    async def count(self) -> int:
        return await self._session.scalar(select(func.count()).select_from(Item)) or 0

    async def add(self, **members: Any) -> Item:
        await take_turns(self._session, "items")
        now = utcnow()
        item = Item(created_at=now, updated_at=now, **members)
        self._session.add(item)
        await self._session.flush()
        return item

    async def update(self, item: Item, members: dict[str, Any]) -> None:
        for member, value in members.items():
            setattr(item, member, value)
        await self._session.flush()

    async def delete(self, item_id: UUID) -> bool:
        """Whether there was one to delete."""
        statement = delete(Item).where(Item.id == item_id).returning(Item.id)
        return bool((await self._session.execute(statement)).first())
