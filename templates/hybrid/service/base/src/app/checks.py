"""What a process refuses to start with. Names the variable, never its value."""

import os
import socket
import sys
from collections.abc import Iterator
from hmac import compare_digest
from ipaddress import ip_address
from urllib.parse import parse_qs, unquote, urlsplit

from cryptography.exceptions import UnsupportedAlgorithm

from app.auth.tokens import ServiceTokens
from app.config import Settings, get_settings

PLACEHOLDERS = ("changeme", "changethis", "change-me", "secret", "example", "password", "replace")
DEFAULT_PASSWORDS = {*PLACEHOLDERS, "postgres", "redis", "admin", "root", "test", "default"}
VERIFIED_TLS = {"verify-ca", "verify-full"}

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
    found = []
    if not settings.cursor_secret.get_secret_value():
        found.append("CURSOR_SECRET: missing")
    if not settings.database_url.get_secret_value().startswith(("sqlite://", "postgresql://")):
        found.append("DATABASE_URL: neither sqlite:// nor postgresql://")
    try:
        _ = urlsplit(settings.database_url.get_secret_value()).port
    except ValueError:  # whose own words would quote a password
        return [*found, "DATABASE_URL: not a URL; special characters in a password are percent-encoded"]
    if settings.production:
        for check in (_secrets, _exposure, _database):
            found += check(settings)
    return found


def gateway_tokens(settings: Settings) -> ServiceTokens:
    """What knows the gateway; without its key nobody could be answered."""
    try:
        return ServiceTokens(settings.gateway_public_keys)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SystemExit(f"Refusing to start:\n  GATEWAY_PUBLIC_KEYS: {error}") from None


def _secrets(settings: Settings) -> Found:
    secret = settings.cursor_secret.get_secret_value()
    if len(secret.encode()) < 32:
        yield "CURSOR_SECRET: shorter than 32 bytes"
    if len(set(secret)) < 5:
        yield "CURSOR_SECRET: fewer than 5 distinct characters"
    if any(word in secret.lower() for word in PLACEHOLDERS):
        yield "CURSOR_SECRET: a placeholder"
    database = urlsplit(settings.database_url.get_secret_value())
    if compare_digest(secret.encode(), unquote(database.password or "").encode()):
        yield "CURSOR_SECRET: the same secret as DATABASE_URL"


def _exposure(settings: Settings) -> Found:
    for name in ("DEBUG", "RELOAD"):
        if os.environ.get(name, "").lower() not in ("", "0", "false", "no", "off"):
            yield f"{name}: not in production"
    if settings.metrics_port == settings.port:
        yield "METRICS_PORT: the same as PORT"


def _database(settings: Settings) -> Found:
    database = urlsplit(settings.database_url.get_secret_value())
    if database.scheme != "postgresql":
        return
    query = parse_qs(database.query)
    host = query.get("host", [database.hostname or ""])[0]
    encrypted = query.get("sslmode", [""])[0] in VERIFIED_TLS
    private = settings.db_transport == "private" and _is_private(host)
    if not (encrypted or private or host.startswith("/") or is_loopback(host)):
        yield "DATABASE_URL: needs sslmode=verify-full unless the server is local"
    password = unquote(database.password or "").lower()
    if password and (password in DEFAULT_PASSWORDS or password == database.username):
        yield "DATABASE_URL: a default password"


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
