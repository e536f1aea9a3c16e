"""Commands that must not run with settings that are unsafe."""

from typing import Any, override

from django.conf import settings
from django.core.management.base import BaseCommand


class CheckedCommand(BaseCommand):
    requires_system_checks = ()

    @override
    def execute(self, *args: Any, **options: Any) -> str | None:
        self.check(include_deployment_checks=settings.PRODUCTION)
        return super().execute(*args, **options)
