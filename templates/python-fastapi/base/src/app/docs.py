"""The API's description and a page to try it; development only."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, HTMLResponse, Response

from app.core.routes import Public

ASSETS = Path(__file__).parent / "assets"

router = APIRouter(include_in_schema=False, dependencies=[Public])


class Script(Response):
    media_type = "text/javascript"


class Style(Response):
    media_type = "text/css"


@router.get("/docs", response_class=HTMLResponse)
def page() -> Response:
    return FileResponse(ASSETS / "index.html")


@router.get("/docs/docs.js", response_class=Script)
def script() -> Response:
    return FileResponse(ASSETS / "docs.js", media_type=Script.media_type)


@router.get("/docs/docs.css", response_class=Style)
def style() -> Response:
    return FileResponse(ASSETS / "docs.css")


@router.get("/openapi.json")
def description(request: Request) -> dict[str, Any]:
    schema: dict[str, Any] = request.app.openapi()
    return schema
