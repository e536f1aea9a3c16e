"""The refresh token's cookie (S1): unreadable for scripts, never sent across sites."""

from fastapi import Request

from app.config import Settings


def _name(settings: Settings) -> str:
    # Browsers take the prefix and Secure on https only, which development does not have.
    return "__Host-refresh" if settings.production else "refresh"


def refresh_cookie(settings: Settings, value: str, *, max_age: int) -> str:
    """The Set-Cookie field; no age and no value clear it."""
    secure = "Secure; " if settings.production else ""
    attributes = f"Path=/; {secure}HttpOnly; SameSite=Strict; Max-Age={max_age}"
    return f"{_name(settings)}={value}; {attributes}"


def presented_cookie(request: Request) -> str | None:
    return request.cookies.get(_name(request.app.state.settings))
