"""Reads; each starts from the rows of one owner."""

from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet, UUIDField

from apps.items.models import Item
from core.problem import not_found
from core.schemas import Position

# By hand: it is asked most, and the ORM would write it anew each time.
OWNED_ITEM = "SELECT * FROM items_item WHERE owner_id = %s AND id = %s"
ID = UUIDField()


def owned_items(owner_id: UUID) -> QuerySet[Item]:
    """The items of one owner; there is no way to ask for another's."""
    return Item.objects.filter(owner_id=owner_id)


def owned_item(owner_id: UUID, item_id: UUID) -> Item:
    """The owner's item of that id; another's does not exist."""
    params = [ID.get_db_prep_value(value, connection) for value in (owner_id, item_id)]
    for item in Item.objects.raw(OWNED_ITEM, params):
        return item
    raise not_found()


def page(owner_id: UUID, *, limit: int, after: Position | None) -> list[Item]:
    """The newest first; up to `limit` of them."""
    items = owned_items(owner_id).order_by("-created_at", "-id")
    if after is not None:
        same_time = Q(created_at=after.at, id__lt=after.id)
        items = items.filter(Q(created_at__lt=after.at) | same_time)
    return list(items[:limit])
