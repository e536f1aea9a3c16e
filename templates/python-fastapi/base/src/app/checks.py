"""What a process refuses to start with. Names the variable, never its value."""

import os
import sys
from collections.abc import Iterator
from ipaddress import ip_network
from urllib.parse import parse_qs, urlsplit

from app import (
    # <% if .accounts %>
    accounts,
    # <% end %>
    config,
)
from app.config import Settings
from app.core.checking import (
    PLACEHOLDERS,
    has_default_password,
    is_local,
    is_loopback,
    is_origin,
    is_private,
    missing,
    password_of,
    plain,
)

VERIFIED_TLS = {"verify-ca", "verify-full"}
# Set, they would promise what this service does not keep.
UNSUPPORTED = ("MFA_POLICY",)
SWITCHES = ("DEBUG", "RELOAD")

type Found = Iterator[str]


def checked_settings() -> Settings:
    """The settings of a process that may start; else the reasons, and exit code 2."""
    settings = config.get_settings()
    if found := problems(settings):
        sys.stderr.write("\n  ".join(["Refusing to start:", *found]) + "\n")
        raise SystemExit(2)
    return settings


def problems(settings: Settings) -> list[str]:
    """Every reason not to start, one line each."""
    found = [f"{name}: there is no such feature" for name in UNSUPPORTED if name in os.environ]
    found += missing(settings, ["database_url", "cursor_secret", "public_url"])
    if not plain(settings, "database_url").startswith(("sqlite://", "postgresql://")):
        found.append("DATABASE_URL: neither sqlite:// nor postgresql://")
    # <% if .accounts %>
    found += accounts.problems(settings)
    # <% end %>
    if settings.production:
        for check in (_secrets, _urls, _origins, _proxies, _exposure, _back_ends):
            found += check(settings)
        # <% if .accounts %>
        found += accounts.production_problems(settings)
        # <% end %>
    return found


def _secrets(settings: Settings) -> Found:
    secret = plain(settings, "cursor_secret")
    if len(secret.encode()) < 32:
        yield "CURSOR_SECRET: shorter than 32 bytes"
    if len(set(secret)) < 5:
        yield "CURSOR_SECRET: fewer than 5 distinct characters"
    if any(word in secret.lower() for word in PLACEHOLDERS):
        yield "CURSOR_SECRET: a placeholder"
    owners: dict[str, str] = {}
    for name, value in _all_secrets(settings):
        if value and owners.setdefault(value, name) != name:
            yield f"{name}: the same secret as {owners[value]}"


def _all_secrets(settings: Settings) -> Iterator[tuple[str, str]]:
    yield "CURSOR_SECRET", plain(settings, "cursor_secret")
    yield "DATABASE_URL", password_of(urlsplit(plain(settings, "database_url")))
    yield "REDIS_URL", password_of(urlsplit(plain(settings, "redis_url")))
    # <% if .accounts %>
    yield "JWT_PRIVATE_KEYS", plain(settings, "jwt_private_keys")
    yield "SMTP_URL", password_of(urlsplit(plain(settings, "smtp_url")))
    # <% end %>


def _urls(settings: Settings) -> Found:
    for name in ("public_url", "app_url"):
        url = plain(settings, name)
        if url and not (url.startswith("https://") and is_origin(url)):
            yield f"{name.upper()}: not an https:// origin without a path"
    if not settings.allowed_hosts or any("*" in host for host in settings.allowed_hosts):
        yield "ALLOWED_HOSTS: empty or a wildcard"


def _origins(settings: Settings) -> Found:
    for origin in settings.cors_origins:
        parts = urlsplit(origin)
        safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
        if not safe or "*" in origin or not is_origin(origin):
            yield "CORS_ORIGINS: not a list of exact https:// origins without a path"


def _proxies(settings: Settings) -> Found:
    for proxy in settings.trusted_proxies:
        try:
            everybody = ip_network(proxy).prefixlen == 0
        except ValueError:
            yield "TRUSTED_PROXIES: not a list of addresses and networks"
        else:
            if everybody:
                yield "TRUSTED_PROXIES: trusts everybody"


def _exposure(settings: Settings) -> Found:
    for name in SWITCHES:
        if os.environ.get(name, "").lower() not in ("", "0", "false", "no", "off"):
            yield f"{name}: not in production"
    if settings.docs:
        yield "DOCS: not in production"
    if settings.metrics_port == settings.port:
        yield "METRICS_PORT: metrics would be public"


def _back_ends(settings: Settings) -> Found:
    database = urlsplit(plain(settings, "database_url"))
    if database.scheme == "postgresql":
        query = parse_qs(database.query)
        host = query.get("host", [database.hostname or ""])[0]
        encrypted = query.get("sslmode", [""])[0] in VERIFIED_TLS
        private = settings.db_transport == "private" and is_private(host)
        if not (encrypted or private or is_local(host)):
            yield "DATABASE_URL: needs sslmode=verify-full unless the server is local"
        if has_default_password(database):
            yield "DATABASE_URL: a default password"
    redis = urlsplit(plain(settings, "redis_url"))
    if redis.scheme == "redis" and not is_loopback(redis.hostname):
        yield "REDIS_URL: needs rediss:// unless the server is local"
    if has_default_password(redis):
        yield "REDIS_URL: a default password"
    if settings.replicas > 1 and not redis.scheme:
        yield "REDIS_URL: needed to share limits among REPLICAS"
