"""Probes: alive, and ready for traffic."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from app.core.db import Database
from app.core.routes import Public

router = APIRouter(tags=["health"], dependencies=[Public])


class Health(BaseModel):
    status: Literal["ok", "unavailable"]


@router.get("/healthz")
async def healthz() -> Health:
    """200 while the process lives."""
    return Health(status="ok")


@router.get("/readyz", responses={503: {"model": Health}})
async def readyz(request: Request, response: Response) -> Health:
    """503 while the database is away or the process is about to end."""
    database: Database = request.app.state.db
    if request.app.state.draining or not await database.is_up():
        response.status_code = 503
        return Health(status="unavailable")
    return Health(status="ok")
