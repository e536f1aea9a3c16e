"""Reads. Everybody's items: this service has no accounts."""

from uuid import UUID

from django.db.models import Q

from apps.items.models import Item
from core.problem import not_found
from core.schemas import Position


def known_item(item_id: UUID) -> Item:
    try:
        return Item.objects.get(id=item_id)
    except Item.DoesNotExist:
        raise not_found() from None


def page(*, limit: int, after: Position | None) -> list[Item]:
    """The newest first; up to `limit` of them."""
    items = Item.objects.order_by("-created_at", "-id")
    if after is not None:
        same_time = Q(created_at=after.at, id__lt=after.id)
        items = items.filter(Q(created_at__lt=after.at) | same_time)
    return list(items[:limit])
