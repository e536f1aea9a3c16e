from typing import Any, override

from django.conf import settings
from django.core.management.base import CommandError
from django.db import OperationalError, connection, connections

from core.checks import is_loopback
from core.logging import event
from core.management.base import CheckedCommand


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
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            superuser = cursor.fetchone()
    except OperationalError:
        event("sys_warning", level="warning", description="DATABASE_URL: not reachable yet")
        return
    finally:
        # The worker is another process: it opens its own.
        connections.close_all()
        connection.close_pool()
    if superuser == (True,):
        raise CommandError("Refusing to start: DATABASE_URL: a superuser role")
