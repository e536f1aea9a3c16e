"""Writes."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from apps.accounts.auth import invalid_token
from apps.accounts.models import User
from apps.items import selectors
from apps.items.models import Item
from core.problem import Problem, not_found


@transaction.atomic
def create_item(owner_id: UUID, *, title: str, body: str) -> Item:
    # One after the other, so that the cap holds.
    if User.objects.select_for_update().filter(id=owner_id).first() is None:
        raise invalid_token()
    if selectors.owned_items(owner_id).count() >= settings.MAX_ITEMS:
        raise Problem(409, "conflict", "No more items can be stored")
    return Item.objects.create(owner_id=owner_id, title=title, body=body)


def update_item(owner_id: UUID, item_id: UUID, *, changes: dict[str, Any]) -> Item:
    """Members left out stay as they are."""
    item = selectors.owned_item(owner_id, item_id)
    for member, value in changes.items():
        setattr(item, member, value)
    item.save(update_fields=[*changes, "updated_at"])
    return item


def delete_item(owner_id: UUID, item_id: UUID) -> None:
    deleted, _ = selectors.owned_items(owner_id).filter(id=item_id).delete()
    if not deleted:
        raise not_found()
