"""Sample data for development."""

from app.config import Settings
from app.core.db import open_database
from app.items.repository import ItemRepository


async def seed(settings: Settings) -> None:
    if settings.production:
        raise SystemExit("seed: development only")
    async with open_database(settings) as database, database.sessions() as session:
        items = ItemRepository(session)
        for number in range(1, 4):
            await items.add(title=f"Item {number}", body="")
        await session.commit()
    print(f"curl {settings.public_url}/v1/items")
