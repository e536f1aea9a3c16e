"""Configuration from environment variables, checked before anything starts.

Names are the upper-cased field names; each may also come as NAME_FILE. A `.env`
file is read in development only.
"""

import os
import secrets
import sys
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

NAME = "scaffold-sample"
TITLE = "Scaffold Sample"


class Quota(NamedTuple):
    """So many requests in so many seconds, written "300/60"."""

    limit: Annotated[int, Field(gt=0)]
    window: Annotated[int, Field(gt=0)]


def _split(separator: str) -> BeforeValidator:
    def split(value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(separator) if part.strip())

    return BeforeValidator(split)


Words = Annotated[tuple[str, ...], NoDecode, _split(",")]
Rate = Annotated[Quota, NoDecode, _split("/")]
Seconds = Annotated[int, Field(gt=0)]
Port = Annotated[int, Field(gt=0, lt=65536)]

# What development (loopback only) eases; everything else is as in production.
DEVELOPMENT = {
    "public_url": "http://localhost:8000",
    "app_url": "http://localhost:3000",
    "allowed_hosts": ("localhost", "127.0.0.1"),
    "cors_origins": tuple(f"http://localhost:{port}" for port in (3000, 4200, 5173, 8080)),
    "database_url": "sqlite:///var/dev.db",
    "rate_default": Quota(15_000, 60),
    "max_items": 50_000,
    "docs": True,
    "log_format": "pretty",
    # <% if eq .auth "accounts" %>
    "mail_from": "Scaffold Sample <no-reply@localhost>",
    "reset_ttl": 3600,
    "rate_auth_ip": Quota(1_000, 60),
    "login_backoff_seconds": 1,
    "lockout_ceiling": 5_000,
    "mail_per_address": 1_000_000,
    # <% end %>
}


class Settings(BaseSettings):
    """Defaults are production's; `DEVELOPMENT` eases them."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    # <% if .benchmark %>
    app_env: Literal["development", "production", "benchmark"] = "development"
    # <% else %>
    app_env: Literal["development", "production"] = "development"
    # <% end %>
    bind: str = "127.0.0.1"
    port: Port = 8000
    metrics_port: Port = 9000
    public_url: str = ""
    app_url: str = ""
    allowed_hosts: Words = ()
    cors_origins: Words = ()
    cors_allow_headers: Words = ()
    trusted_proxies: Words = ()

    database_url: SecretStr = SecretStr("")
    db_transport: Literal["", "private"] = ""
    redis_url: SecretStr = SecretStr("")
    replicas: int = Field(default=1, gt=0)
    cursor_secret: SecretStr = SecretStr("")

    rate_default: Rate = Quota(300, 60)
    max_items: int = Field(default=1_000, gt=0)
    docs: bool = False
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "pretty"] = "json"
    # <% if eq .auth "accounts" %>

    smtp_url: SecretStr = SecretStr("")
    mail_from: str = ""
    jwt_private_keys: SecretStr = SecretStr("")
    access_ttl: Seconds = 600
    refresh_idle_ttl: Seconds = 24 * 3600
    refresh_max_ttl: Seconds = 30 * 24 * 3600
    refresh_grace_seconds: int = Field(default=10, ge=0)
    step_up_ttl: Seconds = 600
    verify_ttl: Seconds = 3600
    reset_ttl: Seconds = 600
    password_min_length: int = Field(default=15, gt=0)
    password_breach_check: str = "off"  # noqa: S105 - "off" or a file
    rate_auth_ip: Rate = Quota(20, 60)
    login_backoff_seconds: Seconds = 30
    lockout_ceiling: int = Field(default=100, gt=0)
    mail_per_address: int = Field(default=5, gt=0)
    max_sessions: int = Field(default=10, gt=0)
    # <% end %>
    # <% if .benchmark %>
    benchmark_upstream: str = ""
    # <% end %>

    @property
    def production(self) -> bool:
        return self.app_env != "development"

    @model_validator(mode="before")
    @classmethod
    def _ease_development(cls, values: dict[str, Any]) -> dict[str, Any]:
        easy = values.get("app_env", "development") == "development"
        return DEVELOPMENT | values if easy else values


def _from_files() -> dict[str, Any]:
    """NAME_FILE: the value is the content of that file, unless NAME is set too."""
    found: dict[str, Any] = {}
    for name in map(str.upper, Settings.model_fields):
        path = os.environ.get(f"{name}_FILE")
        if path and name not in os.environ:
            try:
                found[name.lower()] = Path(path).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise SystemExit(f"{name}_FILE: cannot be read") from None
    return found


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Read the environment once, or name every variable that is wrong and exit."""
    production = os.environ.get("APP_ENV", "development") != "development"
    try:
        return Settings(_env_file=None if production else ".env", **_from_files())
    except ValidationError as error:
        found = error.errors(include_input=False)
        lines = [f"  {str(one['loc'][0]).upper()}: {one['msg']}" for one in found]
        sys.stderr.write("\n".join(["Refusing to start:", *lines]) + "\n")
        raise SystemExit(2) from None


def fresh() -> dict[str, Any]:
    """Settings of a development service; every call makes new keys."""
    return {
        "app_env": "development",
        "cursor_secret": secrets.token_urlsafe(48),
        # <% if .accounts %>
        "jwt_private_keys": _new_key(),
        # <% end %>
    }


# <% if .accounts %>
def _new_key() -> str:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode().strip()
    return pem.replace("\n", "\\n")


# <% end %>
def fresh_env() -> str:
    """The same as the text of a .env file."""
    return "".join(f'{name.upper()}="{value}"\n' for name, value in fresh().items())
