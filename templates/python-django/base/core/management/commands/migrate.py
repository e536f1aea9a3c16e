from pathlib import Path
from typing import Any, override

from django.core.management.commands import migrate
from django.db import connection

from core.checks import CheckedCommand

# Any number, the same in every replica.
LOCK = 7_266_521_403


class Command(CheckedCommand, migrate.Command):
    help = "Bring the database up to date; replicas that start at once take turns."

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor == "sqlite":
            Path(connection.settings_dict["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        if connection.vendor != "postgresql":
            super().handle(*args, **options)
            return
        with connection.cursor() as cursor:
            # The bound is for requests: a turn, or a large table's new index, takes what it takes.
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            try:
                super().handle(*args, **options)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
