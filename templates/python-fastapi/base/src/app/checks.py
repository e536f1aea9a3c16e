"""What a production process refuses to start with. Names the variable, never its value."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

# <% if eq .auth "accounts" %>
from app.auth.tokens import load_keys

# <% end %>
if TYPE_CHECKING:
    from app.config import Settings

PLACEHOLDERS = ("changeme", "changethis", "change-me", "secret", "example", "password", "replace")
DEFAULT_PASSWORDS = {*PLACEHOLDERS, "postgres", "redis", "admin", "root", "test", "default", "guest"}
VERIFIED_TLS = {"verify-ca", "verify-full"}
# Known to other services of this kind, without effect here: set, they promise what is not kept.
UNSUPPORTED = ("MFA_POLICY",)
SWITCHES = ("DEBUG", "RELOAD")

type Found = Iterator[str]


def problems(settings: Settings) -> list[str]:
    """Every reason not to start, one line each; a development process has few."""
    found = [f"{name}: this service has no such feature" for name in UNSUPPORTED if name in os.environ]
    found += _required(settings)
    if settings.production:
        for check in (_secrets, _urls, _origins, _proxies, _exposure, _back_ends, _floors):
            found += check(settings)
    return found


def _required(settings: Settings) -> Found:
    names = ["database_url", "cursor_secret", "public_url"]
    # <% if eq .auth "accounts" %>
    names += ["jwt_private_keys", "app_url", "mail_from"]
    if settings.production:
        names.append("smtp_url")
    # <% end %>
    for name in names:
        if not _plain(settings, name):
            yield f"{name.upper()}: missing"
    scheme = urlsplit(_plain(settings, "database_url")).scheme
    if scheme not in ("sqlite", "postgresql", ""):
        yield "DATABASE_URL: neither sqlite:// nor postgresql://"
    # <% if eq .auth "accounts" %>
    try:
        load_keys(_plain(settings, "jwt_private_keys"))
    except ValueError:
        yield "JWT_PRIVATE_KEYS: not a list of PEM keys on P-256 or Ed25519"
    # <% end %>


def _secrets(settings: Settings) -> Found:
    secret = _plain(settings, "cursor_secret")
    lowered = secret.lower()
    if len(secret.encode()) < 32:
        yield "CURSOR_SECRET: shorter than 32 bytes"
    if len(set(secret)) < 5:
        yield "CURSOR_SECRET: fewer than 5 distinct characters"
    if any(word in lowered for word in PLACEHOLDERS):
        yield "CURSOR_SECRET: a placeholder"
    owners: dict[str, str] = {}
    for name, value in _all_secrets(settings):
        if value and owners.setdefault(value, name) != name:
            yield f"{name}: the same secret as {owners[value]}"


def _all_secrets(settings: Settings) -> Iterator[tuple[str, str]]:
    yield "CURSOR_SECRET", _plain(settings, "cursor_secret")
    # <% if eq .auth "accounts" %>
    yield "JWT_PRIVATE_KEYS", _plain(settings, "jwt_private_keys")
    yield "SMTP_URL", _password(urlsplit(_plain(settings, "smtp_url")))
    # <% end %>
    yield "DATABASE_URL", _password(urlsplit(_plain(settings, "database_url")))
    yield "REDIS_URL", _password(urlsplit(_plain(settings, "redis_url")))


def _urls(settings: Settings) -> Found:
    for name in ("public_url", "app_url"):
        url = _plain(settings, name)
        if url and not (url.startswith("https://") and _is_origin(url)):
            yield f"{name.upper()}: not an https:// origin without a path"
    if not settings.allowed_hosts or any("*" in host for host in settings.allowed_hosts):
        yield "ALLOWED_HOSTS: empty or a wildcard"


def _origins(settings: Settings) -> Found:
    for origin in settings.cors_origins:
        parts = urlsplit(origin)
        safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
        if not safe or "*" in origin or not _is_origin(origin):
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
    database = urlsplit(_plain(settings, "database_url"))
    if database.scheme == "postgresql":
        query = parse_qs(database.query)
        host = query.get("host", [database.hostname or ""])[0]
        encrypted = query.get("sslmode", [""])[0] in VERIFIED_TLS
        private = settings.db_transport == "private" and _is_private(host)
        if not (encrypted or private or _is_local(host)):
            yield "DATABASE_URL: sslmode must be verify-full (or verify-ca) unless the server is local"
        if _is_default(database):
            yield "DATABASE_URL: a default password"
    redis = urlsplit(_plain(settings, "redis_url"))
    if redis.scheme == "redis" and not is_loopback(redis.hostname):
        yield "REDIS_URL: rediss:// unless the server is local"
    if _is_default(redis):
        yield "REDIS_URL: a default password"
    if settings.replicas > 1 and not redis.scheme:
        yield "REDIS_URL: needed to share limits among REPLICAS"
    # <% if eq .auth "accounts" %>
    smtp = urlsplit(_plain(settings, "smtp_url"))
    # On the submission port the sender insists on STARTTLS; port 25 relays may not offer it.
    if smtp.scheme == "smtp" and smtp.port != 587 and not is_loopback(smtp.hostname):
        yield "SMTP_URL: smtps://, or smtp:// on port 587, unless the server is local"
    if _is_default(smtp):
        yield "SMTP_URL: a default password"
    # <% end %>


def _floors(settings: Settings) -> Found:
    if settings.rate_default.limit / settings.rate_default.window > 1_000_000:
        yield "RATE_DEFAULT: no limit at all"
    # <% if eq .auth "accounts" %>
    ceilings = {
        "access_ttl": 900,
        "refresh_idle_ttl": 24 * 3600,
        "refresh_max_ttl": 30 * 24 * 3600,
        "refresh_grace_seconds": 30,
        "step_up_ttl": 600,
        "verify_ttl": 3600,
        "reset_ttl": 600,
    }
    for name, ceiling in ceilings.items():
        if getattr(settings, name) > ceiling:
            yield f"{name.upper()}: more than {ceiling} seconds"
    if settings.password_min_length < 15:
        yield "PASSWORD_MIN_LENGTH: less than 15 without a second factor"
    # <% end %>


def _plain(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    return value if isinstance(value, str) else str(value.get_secret_value())


def _password(url: SplitResult) -> str:
    return unquote(url.password or "")


def _is_default(url: SplitResult) -> bool:
    password = _password(url).lower()
    return bool(password) and (password in DEFAULT_PASSWORDS or password == url.username)


def _is_origin(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.hostname) and url == f"{parts.scheme}://{parts.netloc}"


def _is_local(host: str) -> bool:
    return host.startswith("/") or is_loopback(host)


def is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def _is_private(host: str) -> bool:
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return all(ip_address(address).is_private for address in found)
