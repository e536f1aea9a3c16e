from typing import Any, override

from django.conf import settings
from django.core.management.base import CommandError

from apps.items.services import create_item
from core.checks import CheckedCommand


class Command(CheckedCommand):
    help = "Make sample items to develop with, and print a request that lists them."

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("development only")
        for number in range(1, 4):
            create_item(title=f"Item {number}", body="")
        self.stdout.write(f"curl {settings.PUBLIC_URL}/v1/items")
