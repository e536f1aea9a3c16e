"""The application: what it is made of and in which order requests meet it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from operator import attrgetter

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app.checks import gateway_tokens
from app.config import TITLE, Settings
from app.core.db import Database
from app.core.envelope import Envelope
from app.core.errors import Problem, on_refusal
from app.core.gate import Gate
from app.core.logging import event
from app.core.schemas import Cursors
from app.health import router as health_router
from app.items.forget import router as forget_router
from app.items.router import router as items_router


def create_app(settings: Settings) -> FastAPI:
    """Build the service; nothing is connected before it starts."""
    app = FastAPI(
        title=TITLE,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=attrgetter("name"),
        lifespan=_lifespan,
        exception_handlers={
            Problem: on_refusal,
            RequestValidationError: on_refusal,
            HTTPException: on_refusal,
        },
    )
    app.state.settings = settings
    app.state.draining = False
    app.state.db = Database(settings.database_url.get_secret_value())
    app.state.cursors = Cursors(settings.cursor_secret.get_secret_value())
    for router in (items_router, forget_router, health_router):
        app.include_router(router)
    # The last one added is the outermost.
    app.add_middleware(Gate, owner=app, tokens=gateway_tokens(settings))
    app.add_middleware(Envelope)
    # Now, so that a route without a rule stops the start and not the first request.
    app.middleware_stack = app.build_middleware_stack()
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    event("sys_startup")
    yield
    event("sys_shutdown")
    await app.state.db.engine.dispose()
