"""/v1/items: the example resource; copy it for your own."""

from uuid import UUID

from django.http import HttpResponse
from ninja import Router, Status

from apps.items import selectors, services
from apps.items.schemas import ItemCreate, ItemPage, ItemUpdate, ItemView
from core.http import Request
from core.schemas import Cursor, Limit, Position

router = Router(tags=["items"])


@router.post("", response={201: ItemView, 409: None})
def create_item(request: Request, new: ItemCreate, response: HttpResponse) -> Status[ItemView]:
    """Make an item."""
    item = services.create_item(request.auth.user_id, title=new.title, body=new.body)
    response.headers["Location"] = f"/v1/items/{item.id}"
    return Status(201, ItemView.model_validate(item))


@router.get("", response=ItemPage)
def list_items(request: Request, limit: Limit = 20, cursor: Cursor = None) -> ItemPage:
    """List your items, a page at a time."""
    scope = f"items {request.auth.user_id}"
    after = Position.read(cursor, scope)
    rows = selectors.page(request.auth.user_id, limit=limit + 1, after=after)
    views = [ItemView.model_validate(row) for row in rows[:limit]]
    next_cursor = None
    if len(rows) > limit:
        next_cursor = Position(at=views[-1].created_at, id=views[-1].id).cursor(scope)
    return ItemPage(items=views, next_cursor=next_cursor)


@router.get("/{item_id}", response=ItemView)
def read_item(request: Request, item_id: UUID) -> ItemView:
    """Read one item."""
    return ItemView.model_validate(selectors.owned_item(request.auth.user_id, item_id))


@router.patch("/{item_id}", response=ItemView)
def update_item(request: Request, item_id: UUID, change: ItemUpdate) -> ItemView:
    """Change an item; members left out stay as they are."""
    changes = change.model_dump(exclude_unset=True)
    return ItemView.model_validate(services.update_item(request.auth.user_id, item_id, changes=changes))


@router.delete("/{item_id}", response={204: None})
def delete_item(request: Request, item_id: UUID) -> Status[None]:
    """Delete an item."""
    services.delete_item(request.auth.user_id, item_id)
    return Status(204, None)
