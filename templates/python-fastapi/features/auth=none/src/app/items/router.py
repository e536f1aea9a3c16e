"""/v1/items: the example resource; copy it for your own."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from app.config import Settings
from app.core.db import DbSession
from app.core.errors import Problem, not_found
from app.core.routes import Public
from app.core.schemas import Cursor, Cursors, Limit, Position
from app.items.repository import Item, ItemRepository
from app.items.schemas import ItemCreate, ItemPage, ItemUpdate, ItemView

router = APIRouter(prefix="/v1/items", tags=["items"], dependencies=[Public])


async def all_items(session: DbSession) -> ItemRepository:
    return ItemRepository(session)


Items = Annotated[ItemRepository, Depends(all_items, scope="function")]


async def known_item(item_id: UUID, items: Items) -> Item:
    item = await items.get(item_id)
    if item is None:
        raise not_found()
    return item


KnownItem = Annotated[Item, Depends(known_item, scope="function")]


@router.post("", status_code=201, responses={409: {}})
async def create_item(new: ItemCreate, items: Items, request: Request, response: Response) -> ItemView:
    """Make an item."""
    settings: Settings = request.app.state.settings
    item = await items.add(title=new.title, body=new.body)
    # Counted once it is in, which makes others wait: two at once are never both the last.
    if await items.count() > settings.max_items:
        raise Problem(409, "conflict", "No more items can be stored")
    response.headers["Location"] = f"/v1/items/{item.id}"
    return ItemView.model_validate(item)


@router.get("")
async def list_items(items: Items, request: Request, limit: Limit = 20, cursor: Cursor = None) -> ItemPage:
    """List the items, a page at a time."""
    cursors: Cursors = request.app.state.cursors
    rows = await items.page(limit + 1, cursors.decode(cursor, "items"))
    views = [ItemView.model_validate(row) for row in rows[:limit]]
    next_cursor = None
    if len(rows) > limit:
        last = views[-1]
        next_cursor = cursors.encode(Position(at=last.created_at, id=last.id), "items")
    return ItemPage(items=views, next_cursor=next_cursor)


@router.get("/{item_id}")
async def read_item(item: KnownItem) -> ItemView:
    """Read one item."""
    return ItemView.model_validate(item)


@router.patch("/{item_id}")
async def update_item(change: ItemUpdate, item: KnownItem, items: Items) -> ItemView:
    """Change an item; members left out stay as they are."""
    await items.update(item, change.model_dump(exclude_unset=True))
    return ItemView.model_validate(item)


@router.delete("/{item_id}", status_code=204)
async def delete_item(item_id: UUID, items: Items) -> None:
    """Delete an item."""
    if not await items.delete(item_id):
        raise not_found()
