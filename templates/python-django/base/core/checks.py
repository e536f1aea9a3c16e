"""System checks: what a process, or a command, refuses to start with. They name the variable, never its value."""

import os
import socket
from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_network
# <% if .accounts %>
from pathlib import Path
# <% end %>
from typing import Any, override
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.core.management.base import BaseCommand

from config import env

PLACEHOLDERS = ("changeme", "changethis", "change-me", "secret", "example", "password", "replace")
DEFAULT_PASSWORDS = {*PLACEHOLDERS, "postgres", "redis", "admin", "root", "test", "default"}
VERIFIED_TLS = {"verify-ca", "verify-full"}
# Set, they would promise what this service does not keep.
UNSUPPORTED = ("MFA_POLICY",)
SWITCHES = ("DEBUG", "RELOAD")
# <% if .accounts %>
CEILINGS = {
    "ACCESS_TTL": 900,
    "REFRESH_IDLE_TTL": 24 * 3600,
    "REFRESH_MAX_TTL": 30 * 24 * 3600,
    "REFRESH_GRACE_SECONDS": 30,
    "STEP_UP_TTL": 600,
    "VERIFY_TTL": 3600,
    "RESET_TTL": 600,
}
# <% end %>

type Found = Iterator[str]


class CheckedCommand(BaseCommand):
    """One that must not run with settings that are unsafe."""

    requires_system_checks = ()

    @override
    def execute(self, *args: Any, **options: Any) -> str | None:
        self.check(include_deployment_checks=settings.PRODUCTION)
        return super().execute(*args, **options)


@register
def check_environment(**_kwargs: Any) -> list[Error]:
    """What no profile can do without."""
    found = [*env.faults]
    found += [f"{name}: there is no such feature" for name in UNSUPPORTED if name in os.environ]
    found += _missing(["DATABASE_URL", "CURSOR_SECRET", "PUBLIC_URL"])
    # <% if .accounts %>
    found += _accounts()
    # <% end %>
    return [Error(reason, id="core.E001") for reason in found]


@register(Tags.security, deploy=True)
def check_production(**_kwargs: Any) -> list[Error]:
    """What production must not have."""
    found = [reason for check in PRODUCTION_CHECKS for reason in check()]
    return [Error(reason, id="core.E002") for reason in found]


def _secrets() -> Found:
    secret = settings.CURSOR_SECRET
    if len(secret.encode()) < 32:
        yield "CURSOR_SECRET: shorter than 32 bytes"
    if len(set(secret)) < 5:
        yield "CURSOR_SECRET: fewer than 5 distinct characters"
    if any(word in secret.lower() for word in PLACEHOLDERS):
        yield "CURSOR_SECRET: a placeholder"
    owners: dict[str, str] = {}
    for name, value in _all_secrets():
        if value and owners.setdefault(value, name) != name:
            yield f"{name}: the same secret as {owners[value]}"


def _all_secrets() -> Iterator[tuple[str, str]]:
    yield "CURSOR_SECRET", settings.CURSOR_SECRET
    yield "DATABASE_URL", _password(_split(settings.DATABASE_URL))
    yield "REDIS_URL", _password(urlsplit(settings.REDIS_URL))
    # <% if .accounts %>
    yield "JWT_PRIVATE_KEYS", settings.JWT_PRIVATE_KEYS
    yield "SMTP_URL", _password(urlsplit(settings.SMTP_URL))
    # <% end %>


def _urls() -> Found:
    for name, url in (("PUBLIC_URL", settings.PUBLIC_URL), ("APP_URL", settings.APP_URL)):
        if url and not (url.startswith("https://") and _is_origin(url)):
            yield f"{name}: not an https:// origin without a path"
    # Django takes "*" for all names and ".name" for all below one.
    if not settings.ALLOWED_HOSTS or any(host[0] in "*." for host in settings.ALLOWED_HOSTS):
        yield "ALLOWED_HOSTS: empty or a wildcard"


def _origins() -> Found:
    for origin in settings.CORS_ORIGINS:
        parts = _split(origin)
        safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
        if not safe or "*" in origin or not _is_origin(origin):
            yield "CORS_ORIGINS: not a list of exact https:// origins without a path"


def _proxies() -> Found:
    for proxy in settings.TRUSTED_PROXIES:
        try:
            everybody = ip_network(proxy).prefixlen == 0
        except ValueError:
            yield "TRUSTED_PROXIES: not a list of addresses and networks"
        else:
            if everybody:
                yield "TRUSTED_PROXIES: trusts everybody"


def _exposure() -> Found:
    for name in SWITCHES:
        if os.environ.get(name, "").lower() not in ("", "0", "false", "no", "off"):
            yield f"{name}: not in production"
    if settings.DOCS:
        yield "DOCS: not in production"
    if settings.METRICS_PORT == settings.PORT:
        yield "METRICS_PORT: metrics would be public"


def _back_ends() -> Found:
    database = _split(settings.DATABASE_URL)
    if database.scheme == "postgresql":
        query = parse_qs(database.query)
        host = query.get("host", [database.hostname or ""])[0]
        encrypted = query.get("sslmode", [""])[0] in VERIFIED_TLS
        private = settings.DB_TRANSPORT == "private" and _is_private(host)
        if not (encrypted or private or _is_local(host)):
            yield "DATABASE_URL: needs sslmode=verify-full unless the server is local"
        if _has_default_password(database):
            yield "DATABASE_URL: a default password"
    redis = urlsplit(settings.REDIS_URL)
    if redis.scheme == "redis" and not is_loopback(redis.hostname):
        yield "REDIS_URL: needs rediss:// unless the server is local"
    if _has_default_password(redis):
        yield "REDIS_URL: a default password"
    if settings.REPLICAS > 1 and not redis.scheme:
        yield "REDIS_URL: needed to share limits among REPLICAS"


# <% if .accounts %>
def _accounts() -> Found:
    from apps.accounts.tokens import load_keys

    yield from _missing(["JWT_PRIVATE_KEYS", "APP_URL"])
    if not settings.DEFAULT_FROM_EMAIL:
        yield "MAIL_FROM: missing"
    try:
        load_keys(settings.JWT_PRIVATE_KEYS)
    except (ValueError, TypeError):  # the latter for one that wants a password
        yield "JWT_PRIVATE_KEYS: not a list of PEM keys on P-256 or Ed25519"
    breaches = settings.PASSWORD_BREACH_CHECK
    if breaches != "off" and not Path(breaches).is_file():
        yield "PASSWORD_BREACH_CHECK: neither off nor a file"


def _accounts_in_production() -> Found:
    for name, ceiling in CEILINGS.items():
        if getattr(settings, name) > ceiling:
            yield f"{name}: more than {ceiling} seconds"
    if settings.PASSWORD_MIN_LENGTH < 15:
        yield "PASSWORD_MIN_LENGTH: less than 15 without a second factor"
    yield from _missing(["SMTP_URL"])
    smtp = urlsplit(settings.SMTP_URL)
    # On the submission port the sender insists on STARTTLS; port 25 relays may not offer it.
    encrypted = smtp.scheme == "smtps" or smtp.port == 587
    if not encrypted and not is_loopback(smtp.hostname):
        yield "SMTP_URL: smtps://, or smtp:// on port 587, unless the server is local"
    if _has_default_password(smtp):
        yield "SMTP_URL: a default password"


# <% end %>
# <% if .benchmark %>
def _benchmark() -> Found:
    upstream = urlsplit(settings.BENCHMARK_UPSTREAM)
    usable = upstream.scheme in ("http", "https") and upstream.hostname and upstream.username is None
    if settings.BENCHMARK and not usable:
        yield "BENCHMARK_UPSTREAM: not an http:// URL without a user"


# <% end %>
PRODUCTION_CHECKS = (
    _secrets,
    _urls,
    _origins,
    _proxies,
    _exposure,
    _back_ends,
    # <% if .accounts %>
    _accounts_in_production,
    # <% end %>
    # <% if .benchmark %>
    _benchmark,
    # <% end %>
)


def _missing(names: Iterable[str]) -> Found:
    return (f"{name}: missing" for name in names if not getattr(settings, name))


def _split(url: str) -> SplitResult:
    """Its parts, none of what cannot be taken apart."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _password(url: SplitResult) -> str:
    return unquote(url.password or "")


def _has_default_password(url: SplitResult) -> bool:
    password = _password(url).lower()
    return bool(password) and (password in DEFAULT_PASSWORDS or password == url.username)


def _is_origin(url: str) -> bool:
    """Scheme and authority only, written the way browsers write it."""
    parts = _split(url)
    return bool(parts.hostname) and url == f"{parts.scheme}://{parts.netloc}"


def _is_local(host: str) -> bool:
    """A unix socket or a loopback address."""
    return host.startswith("/") or is_loopback(host)


def is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def _is_private(host: str) -> bool:
    """Whether a name leads to private addresses only."""
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return all(ip_address(address).is_private for address in found)
