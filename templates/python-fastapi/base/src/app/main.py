"""The application: what it is made of and in which order requests meet it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from operator import attrgetter

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app import docs
# <% if .accounts %>
from app.auth import accounts, sessions
from app.auth.mail import mailbox
from app.auth.permissions import Auth, authenticate, identify
# <% end %>
from app.config import TITLE, Settings
from app.core.client_ip import TrustedProxies
from app.core.db import Database
from app.core.envelope import Envelope
from app.core.errors import Problem, on_refusal
from app.core.gate import Gate
from app.core.http_security import Cors
# <% if .idempotency %>
from app.core.idempotency import Idempotency
# <% end %>
from app.core.logging import event
from app.core.ratelimit import RateLimiter
from app.core.schemas import Cursors
from app.core.store import Store
from app.health import router as health_router
from app.items.router import router as items_router


def create_app(settings: Settings) -> FastAPI:
    """Build the service; nothing is connected before it starts."""
    app = FastAPI(
        title=TITLE,
        description=docs.ABOUT,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=attrgetter("name"),
        responses={422: {}},
        lifespan=_lifespan,
        exception_handlers={Problem: on_refusal, RequestValidationError: on_refusal, HTTPException: on_refusal},
    )
    app.state.settings = settings
    app.state.draining = False
    app.state.db = Database(settings.database_url.get_secret_value())
    app.state.store = Store(settings.redis_url.get_secret_value())
    app.state.limiter = RateLimiter(app.state.store, settings)
    app.state.cursors = Cursors(settings.cursor_secret.get_secret_value())
    # Routes are tried in this order.
    app.include_router(items_router)
    app.include_router(health_router)
    # <% if .accounts %>
    app.state.auth = Auth(settings)
    for router in (accounts.router, sessions.router, accounts.me, sessions.mine, sessions.well_known):
        app.include_router(router)
    if not settings.production:
        app.include_router(mailbox)
    # <% end %>
    # <% if .benchmark %>
    if settings.app_env == "benchmark":
        from app.benchmark.router import router as benchmark

        app.include_router(benchmark)
    # <% end %>
    if settings.docs:
        app.include_router(docs.router)

    cors = Cors(settings)
    # The last one added is the outermost.
    # <% if .idempotency %>
    app.add_middleware(Idempotency)
    # <% end %>
    app.add_middleware(
        Gate,
        owner=app,
        cors=cors,
        # <% if .accounts %>
        identify=identify,
        authenticate=authenticate,
        # <% end %>
    )
    app.add_middleware(Envelope, cors=cors, proxies=TrustedProxies(settings.trusted_proxies))
    # Now, so that a route without a rule stops the start and not the first request.
    app.middleware_stack = app.build_middleware_stack()
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    event("sys_startup")
    yield
    event("sys_shutdown")
    await app.state.store.close()
    await app.state.db.engine.dispose()
