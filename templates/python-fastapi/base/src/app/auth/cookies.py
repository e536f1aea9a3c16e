"""The refresh token's cookie (S1): unreadable for scripts, never sent across sites."""

from fastapi import Request

from app.config import Settings


def _name(settings: Settings) -> str:
    # Browsers take the prefix and Secure on https only, which development does not have.
    return "__Host-refresh" if settings.production else "refresh"


def refresh_cookie(settings: Settings, value: str, *, max_age: int | None = None) -> str:
    """The Set-Cookie field."""
    secure = "Secure; " if settings.production else ""
    age = settings.refresh_idle_ttl if max_age is None else max_age
    attributes = f"Path=/; {secure}HttpOnly; SameSite=Strict; Max-Age={age}"
    return f"{_name(settings)}={value}; {attributes}"


def cleared_cookie(settings: Settings) -> str:
    return refresh_cookie(settings, "", max_age=0)


def presented_cookie(request: Request) -> str | None:
    settings: Settings = request.app.state.settings
    return request.cookies.get(_name(settings))
