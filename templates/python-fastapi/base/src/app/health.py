"""Probes: alive, and ready for traffic."""

from typing import Literal

from fastapi import APIRouter, Request, Response

from app.core.db import Database
from app.core.routes import Public
from app.core.schemas import View

router = APIRouter(tags=["health"], dependencies=[Public])


class Health(View):
    status: Literal["ok", "unavailable"]


@router.get("/healthz")
async def healthz() -> Health:
    """Say that the process lives."""
    return Health(status="ok")


@router.get("/readyz", responses={503: {"model": Health}})
async def readyz(request: Request, response: Response) -> Health:
    """Say whether requests are welcome: the database is there, the process is not ending."""
    database: Database = request.app.state.db
    if request.app.state.draining or not await database.is_up():
        response.status_code = 503
        return Health(status="unavailable")
    return Health(status="ok")
