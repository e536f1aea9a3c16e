"""What the gateway asks for when a user's account is deleted; users cannot reach it."""

from fastapi import APIRouter

from app.items.router import OwnedItems

router = APIRouter(prefix="/v1/items", tags=["items"])


@router.delete("", status_code=204)
async def forget_items(items: OwnedItems) -> None:
    """Delete every item of the user."""
    await items.delete_all()
