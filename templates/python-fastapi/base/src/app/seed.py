"""A user to develop with."""

import secrets

from app.auth.commands import save_user
from app.config import Settings

DEVELOPER = "developer@example.com"


async def seed(settings: Settings) -> None:
    """Make a signed-in user and print a request of theirs."""
    if settings.production:
        raise SystemExit("seed: APP_ENV=production has real users only")
    password = secrets.token_urlsafe(15)
    token = await save_user(settings, DEVELOPER, password, role="user")
    print(f"{DEVELOPER}, password {password}\n")
    print(f'curl -H "Authorization: Bearer {token}" {settings.public_url}/v1/items')
