"""Where accounts plug into the service."""

from fastapi import FastAPI

from app.auth.context import Backoff
from app.auth.mail import mailbox
from app.auth.permissions import Auth, authenticate, identify
from app.auth.router import auth, me, well_known
from app.config import Settings

__all__ = ["authenticate", "identify", "install"]


def install(app: FastAPI, settings: Settings) -> None:
    app.state.backoff = Backoff(app.state.store, settings.login_backoff_seconds)
    app.state.auth = Auth(settings)
    for router in (auth, me, well_known):
        app.include_router(router)
    if not settings.production:
        app.include_router(mailbox)
