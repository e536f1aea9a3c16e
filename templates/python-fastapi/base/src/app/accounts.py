"""Where accounts plug into the service."""

from fastapi import FastAPI

from app.auth.account_router import router as account_router
from app.auth.mail import mailbox
from app.auth.permissions import authenticate, identify
from app.auth.router import router, well_known
from app.auth.state import Auth
from app.config import Settings
from app.core.guessing import Backoff

__all__ = ["authenticate", "identify", "install"]


def install(app: FastAPI, settings: Settings) -> None:
    app.state.backoff = Backoff(app.state.store, settings.login_backoff_seconds)
    app.state.auth = Auth(settings)
    app.include_router(router)
    app.include_router(account_router)
    app.include_router(well_known)
    if not settings.production:
        app.include_router(mailbox.router)
