import json
from typing import Any, override

from django.core.management.base import BaseCommand

from core.docs import describe


class Command(BaseCommand):
    help = "Print the API's description."
    requires_system_checks = ()

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(describe(), indent=2, ensure_ascii=False))
