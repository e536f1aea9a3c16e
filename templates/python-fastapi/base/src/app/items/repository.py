"""The items table and all SQL about it; each statement starts from the rows of one owner."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, Select, String, Text, bindparam, delete, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime, take_turns, utcnow
from app.core.schemas import Position


class Item(Base):
    __tablename__ = "items"
    __table_args__ = (Index("ix_items_owner_id_created_at_id", "owner_id", "created_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, onupdate=utcnow)


# Built once: most calls want one item.
ONE = select(Item).where(Item.owner_id == bindparam("owner_id"), Item.id == bindparam("item_id"))


class ItemRepository:
    """The items of one owner; there is no way to ask for another's."""

    def __init__(self, session: AsyncSession, owner_id: UUID) -> None:
        self._session = session
        self._owner_id = owner_id

    def _owned(self) -> Select[Item]:
        return select(Item).where(Item.owner_id == self._owner_id)

    async def get(self, item_id: UUID) -> Item | None:
        return await self._session.scalar(ONE, {"owner_id": self._owner_id, "item_id": item_id})

    async def page(self, limit: int, after: Position | None) -> list[Item]:
        """The newest first; up to `limit` of them."""
        query = self._owned().order_by(Item.created_at.desc(), Item.id.desc()).limit(limit)
        if after is not None:
            query = query.where(tuple_(Item.created_at, Item.id) < (after.at, after.id))
        return list(await self._session.scalars(query))

    async def count(self) -> int:
        query = select(func.count()).select_from(self._owned().subquery())
        return await self._session.scalar(query) or 0

    async def add(self, **members: Any) -> Item:
        await take_turns(self._session, f"items:{self._owner_id}")
        now = utcnow()
        item = Item(owner_id=self._owner_id, created_at=now, updated_at=now, **members)
        self._session.add(item)
        await self._session.flush()
        return item

    async def update(self, item: Item, members: dict[str, Any]) -> None:
        for member, value in members.items():
            setattr(item, member, value)
        await self._session.flush()

    async def delete(self, item_id: UUID) -> bool:
        """Whether there was one to delete."""
        statement = delete(Item).where(Item.owner_id == self._owner_id, Item.id == item_id)
        return bool((await self._session.execute(statement.returning(Item.id))).first())
