"""Probes: alive, and ready for traffic."""

from threading import Event
from typing import Literal

from django.db import Error, connection
from django.http import HttpRequest
from ninja import Router, Status

from core.schemas import View

router = Router(tags=["health"], auth=None)
# Set when the process has been told to end.
draining = Event()


class Health(View):
    status: Literal["ok", "unavailable"]


@router.get("/healthz", response=Health)
def healthz(request: HttpRequest) -> Health:
    """Say that the process lives."""
    return Health(status="ok")


@router.get("/readyz", response={200: Health, 503: Health})
def readyz(request: HttpRequest) -> Status[Health]:
    """Say whether requests are welcome: the database is there, the process is not ending."""
    if draining.is_set() or not _database_is_up():
        return Status(503, Health(status="unavailable"))
    return Status(200, Health(status="ok"))


def _database_is_up() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True
