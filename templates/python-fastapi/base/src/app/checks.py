"""What a process refuses to start with. Names the variable, never its value."""

import os
import socket
import sys
from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from app.config import Settings, get_settings

PLACEHOLDERS = ("changeme", "changethis", "change-me", "secret", "example", "password", "replace")
DEFAULT_PASSWORDS = {*PLACEHOLDERS, "postgres", "redis", "admin", "root", "test", "default"}
VERIFIED_TLS = {"verify-ca", "verify-full"}
# Set, they would promise what this service does not keep.
UNSUPPORTED = ("MFA_POLICY",)
SWITCHES = ("DEBUG", "RELOAD")

# <% if .accounts %>
CEILINGS = {
    "access_ttl": 900,
    "refresh_idle_ttl": 24 * 3600,
    "refresh_max_ttl": 30 * 24 * 3600,
    "refresh_grace_seconds": 30,
    "step_up_ttl": 600,
    "verify_ttl": 3600,
    "reset_ttl": 600,
}
# <% end %>

type Found = Iterator[str]


def checked_settings() -> Settings:
    """The settings of a process that may start; else the reasons, and exit code 2."""
    settings = get_settings()
    if found := problems(settings):
        sys.stderr.write("\n  ".join(["Refusing to start:", *found]) + "\n")
        raise SystemExit(2)
    return settings


def problems(settings: Settings) -> list[str]:
    """Every reason not to start, one line each."""
    found = [f"{name}: there is no such feature" for name in UNSUPPORTED if name in os.environ]
    found += _missing(settings, ["database_url", "cursor_secret", "public_url"])
    if not _plain(settings, "database_url").startswith(("sqlite://", "postgresql://")):
        found.append("DATABASE_URL: neither sqlite:// nor postgresql://")
    # <% if .accounts %>
    found += _accounts(settings)
    # <% end %>
    malformed = list(_malformed(settings))
    if settings.production and not malformed:
        for check in PRODUCTION_CHECKS:
            found += check(settings)
    return found + malformed


def _malformed(settings: Settings) -> Found:
    """What cannot be read as a URL; the parser's own words would quote a password."""
    urls = [(name, _plain(settings, name)) for name in Settings.model_fields if name.endswith("_url")]
    urls += [("cors_origins", origin) for origin in settings.cors_origins]
    for name, url in urls:
        try:
            _ = urlsplit(url).port
        except ValueError:
            yield f"{name.upper()}: not a URL; special characters in a password are percent-encoded"


def _secrets(settings: Settings) -> Found:
    secret = _plain(settings, "cursor_secret")
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
    yield "CURSOR_SECRET", _plain(settings, "cursor_secret")
    yield "DATABASE_URL", _password(urlsplit(_plain(settings, "database_url")))
    yield "REDIS_URL", _password(urlsplit(_plain(settings, "redis_url")))
    # <% if .accounts %>
    yield "JWT_PRIVATE_KEYS", _plain(settings, "jwt_private_keys")
    yield "SMTP_URL", _password(urlsplit(_plain(settings, "smtp_url")))
    # <% end %>


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
            yield "DATABASE_URL: needs sslmode=verify-full unless the server is local"
        if _has_default_password(database):
            yield "DATABASE_URL: a default password"
    redis = urlsplit(_plain(settings, "redis_url"))
    if redis.scheme == "redis" and not is_loopback(redis.hostname):
        yield "REDIS_URL: needs rediss:// unless the server is local"
    if _has_default_password(redis):
        yield "REDIS_URL: a default password"
    if settings.replicas > 1 and not redis.scheme:
        yield "REDIS_URL: needed to share limits among REPLICAS"


# <% if .accounts %>
def _accounts(settings: Settings) -> Found:
    from app.auth.tokens import load_keys

    yield from _missing(settings, ["jwt_private_keys", "app_url", "mail_from"])
    try:
        load_keys(settings.jwt_private_keys.get_secret_value())
    except ValueError:
        yield "JWT_PRIVATE_KEYS: not a list of PEM keys on P-256 or Ed25519"
    hashes = settings.password_breach_check
    if hashes != "off" and not os.access(hashes, os.R_OK):
        yield "PASSWORD_BREACH_CHECK: neither off nor a file that can be read"


def _accounts_in_production(settings: Settings) -> Found:
    for name, ceiling in CEILINGS.items():
        if getattr(settings, name) > ceiling:
            yield f"{name.upper()}: more than {ceiling} seconds"
    if settings.password_min_length < 15:
        yield "PASSWORD_MIN_LENGTH: less than 15 without a second factor"
    yield from _missing(settings, ["smtp_url"])
    smtp = urlsplit(settings.smtp_url.get_secret_value())
    # On the submission port the sender insists on STARTTLS; port 25 relays may not offer it.
    encrypted = smtp.scheme == "smtps" or smtp.port == 587
    if not encrypted and not is_loopback(smtp.hostname):
        yield "SMTP_URL: smtps://, or smtp:// on port 587, unless the server is local"
    if _has_default_password(smtp):
        yield "SMTP_URL: a default password"


# <% end %>
# <% if .benchmark %>
def _benchmark(settings: Settings) -> Found:
    upstream = urlsplit(settings.benchmark_upstream)
    usable = upstream.scheme in ("http", "https") and upstream.hostname and upstream.username is None
    if settings.app_env == "benchmark" and not usable:
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


def _plain(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    return value if isinstance(value, str) else str(value.get_secret_value())


def _missing(settings: Settings, names: Iterable[str]) -> Found:
    return (f"{name.upper()}: missing" for name in names if not _plain(settings, name))


def _password(url: SplitResult) -> str:
    return unquote(url.password or "")


def _has_default_password(url: SplitResult) -> bool:
    password = _password(url).lower()
    return bool(password) and (password in DEFAULT_PASSWORDS or password == url.username)


def _is_origin(url: str) -> bool:
    """Scheme and authority only, written the way browsers write it."""
    parts = urlsplit(url)
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
