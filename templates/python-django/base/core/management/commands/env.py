from typing import Any, override

from django.core.management.base import BaseCommand

from config import env


class Command(BaseCommand):
    help = "Print a .env for development, with fresh keys."
    requires_system_checks = ()

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        for name, value in ({"APP_ENV": "development"} | env.fresh()).items():
            self.stdout.write(f'{name}="{value}"')
