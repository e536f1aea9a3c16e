"""A complete development configuration with fresh keys."""

import secrets

from app import (
    NAME,
    # <% if .accounts %>
    accounts,
    # <% end %>
)


def fresh() -> str:
    """The text of a .env file; every call makes new keys."""
    values = {"APP_ENV": "development", "CURSOR_SECRET": secrets.token_urlsafe(48)}
    # <% if .accounts %>
    values |= accounts.fresh_keys()
    # <% end %>
    lines = [f"# {NAME}: development only"]
    lines += [f"{name}={value}" for name, value in values.items()]
    return "\n".join(lines) + "\n"
