from typing import Any, override

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection

from config.backends import CONNECT_SECONDS
from core.checks import CheckedCommand, is_loopback
from core.logging import event


class Command(CheckedCommand):
    help = "Answer requests until told to stop."

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.PRODUCTION and not is_loopback(settings.BIND):
            warning = "BIND: development on a public address"
            event("sys_warning", level="warning", description=warning)
        if settings.PRODUCTION:
            _refuse_superuser()
        # Not at the top: other commands need no server.
        from core.server import Server

        Server().run()


def _refuse_superuser() -> None:
    """A role that PostgreSQL would let do anything (B5)."""
    if connection.vendor != "postgresql":
        return
    # Not Django's connection: the worker is another process, and must not inherit any.
    import psycopg

    try:
        with psycopg.connect(settings.DATABASE_URL, connect_timeout=CONNECT_SECONDS) as database:
            query = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
            superuser = database.execute(query).fetchone()
    except psycopg.OperationalError:
        event("sys_warning", level="warning", description="DATABASE_URL: not reachable yet")
        return
    if superuser == (True,):
        raise CommandError("Refusing to start: DATABASE_URL: a superuser role")
