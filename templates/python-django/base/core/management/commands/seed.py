import secrets
from typing import Any, override

from django.conf import settings
from django.core.management.base import CommandError

from apps.accounts.services import save_user
from core.checks import CheckedCommand

DEVELOPER = "developer@example.com"


class Command(CheckedCommand):
    help = "Make a user to develop with, and print a signed-in request of theirs."

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("APP_ENV=production has real users only")
        password = secrets.token_urlsafe(15)
        token = save_user(DEVELOPER, password, role="user")
        self.stdout.write(f"{DEVELOPER}, password {password}\n\n")
        self.stdout.write(f'curl -H "Authorization: Bearer {token}" {settings.PUBLIC_URL}/v1/items')
