"""The application: what it is made of and in which order requests meet it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app import TITLE, docs

# <% if .accounts %>
from app.auth import permissions
from app.auth.account_router import router as account_router
from app.auth.mail import mailbox
from app.auth.router import router as auth_router
from app.auth.router import well_known
from app.auth.state import Auth

# <% end %>
from app.config import Settings
from app.core.client_ip import TrustedProxies
from app.core.db import Database
from app.core.envelope import Envelope
from app.core.errors import Problem, on_http, on_problem, on_validation
from app.core.gate import Gate

# <% if .accounts %>
from app.core.guessing import Backoff

# <% end %>
from app.core.http_security import Cors

# <% if .idempotency %>
from app.core.idempotency import Idempotency

# <% end %>
from app.core.logging import event
from app.core.pagination import Cursors
from app.core.ratelimit import RateLimiter, policies
from app.core.store import Store
from app.health.router import router as health_router
from app.items.router import router as items_router


def create_app(settings: Settings) -> FastAPI:
    """Build the service; nothing is connected before it starts."""
    app = FastAPI(
        title=TITLE,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        exception_handlers={
            Problem: on_problem,
            RequestValidationError: on_validation,
            HTTPException: on_http,
        },
    )
    app.state.settings = settings
    app.state.draining = False
    app.state.db = Database(settings.database_url.get_secret_value())
    app.state.store = Store(settings.redis_url.get_secret_value())
    app.state.limiter = RateLimiter(app.state.store)
    app.state.cursors = Cursors(settings.cursor_secret.get_secret_value())
    # <% if .accounts %>
    app.state.backoff = Backoff(app.state.store, settings.login_backoff_seconds)
    app.state.auth = Auth(settings)
    # <% end %>

    _include_routes(app, settings)
    cors = Cors(settings)
    # The last one added is the outermost.
    # <% if .idempotency %>
    app.add_middleware(Idempotency)
    # <% end %>
    app.add_middleware(
        Gate,
        owner=app,
        cors=cors,
        policies=policies(settings),
        # <% if .accounts %>
        identify=permissions.identify,
        authenticate=permissions.authenticate,
        # <% end %>
    )
    app.add_middleware(Envelope, cors=cors, proxies=TrustedProxies(settings.trusted_proxies))
    # Now, so that a route without a rule stops the start and not the first request.
    app.middleware_stack = app.build_middleware_stack()
    return app


def _include_routes(app: FastAPI, settings: Settings) -> None:
    app.include_router(health_router)
    # <% if .accounts %>
    app.include_router(auth_router)
    app.include_router(account_router)
    app.include_router(well_known)
    if not settings.production:
        app.include_router(mailbox.router)
    # <% end %>
    app.include_router(items_router)
    if settings.docs:
        app.include_router(docs.router)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    event("sys_startup")
    yield
    event("sys_shutdown")
    await app.state.store.close()
    await app.state.db.engine.dispose()
