"""The refresh token's cookie: no script can read it, no other site can make a browser send it."""

from typing import Any

from fastapi import Request

from app.config import Settings

# In the API's description: an answer that sets it, or in logout its end.
SETS_COOKIE: dict[str, Any] = {"headers": {"Set-Cookie": {"schema": {"type": "string"}}}}


def presented_cookie(request: Request) -> str | None:
    return request.cookies.get(_cookie_name(request.app.state.settings))


def refresh_cookie(settings: Settings, value: str, *, max_age: int) -> str:
    """The Set-Cookie field; no age and no value clear it."""
    secure = "Secure; " if settings.production else ""
    attributes = f"Path=/; {secure}HttpOnly; SameSite=Strict; Max-Age={max_age}"
    return f"{_cookie_name(settings)}={value}; {attributes}"


def _cookie_name(settings: Settings) -> str:
    # Browsers take the prefix and Secure on https only, which development does not have.
    return "__Host-refresh" if settings.production else "refresh"
