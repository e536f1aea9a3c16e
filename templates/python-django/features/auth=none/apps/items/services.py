"""Writes."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from apps.items import selectors
from apps.items.models import Item
from core.problem import Problem, not_found


@transaction.atomic
def create_item(*, title: str, body: str) -> Item:
    if Item.objects.count() >= settings.MAX_ITEMS:
        raise Problem(409, "conflict", "No more items can be stored")
    return Item.objects.create(title=title, body=body)


def update_item(item_id: UUID, *, changes: dict[str, Any]) -> Item:
    """Members left out stay as they are."""
    item = selectors.known_item(item_id)
    for member, value in changes.items():
        setattr(item, member, value)
    item.save(update_fields=[*changes, "updated_at"])
    return item


def delete_item(item_id: UUID) -> None:
    deleted, _ = Item.objects.filter(id=item_id).delete()
    if not deleted:
        raise not_found()
