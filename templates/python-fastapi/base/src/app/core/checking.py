"""What start-up checks are made of."""

import socket
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

if TYPE_CHECKING:
    from app.config import Settings

PLACEHOLDERS = ("changeme", "changethis", "change-me", "secret", "example", "password", "replace")
DEFAULT_PASSWORDS = {*PLACEHOLDERS, "postgres", "redis", "admin", "root", "test", "default"}


def plain(settings: "Settings", name: str) -> str:
    value = getattr(settings, name)
    return value if isinstance(value, str) else str(value.get_secret_value())


def missing(settings: "Settings", names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if not plain(settings, name):
            yield f"{name.upper()}: missing"


def password_of(url: SplitResult) -> str:
    return unquote(url.password or "")


def has_default_password(url: SplitResult) -> bool:
    password = password_of(url).lower()
    return bool(password) and (password in DEFAULT_PASSWORDS or password == url.username)


def is_origin(url: str) -> bool:
    """Scheme and authority only, written the way browsers write it."""
    parts = urlsplit(url)
    return bool(parts.hostname) and url == f"{parts.scheme}://{parts.netloc}"


def is_local(host: str) -> bool:
    """A unix socket or a loopback address."""
    return host.startswith("/") or is_loopback(host)


def is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def is_private(host: str) -> bool:
    """Whether a name leads to private addresses only."""
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return all(ip_address(address).is_private for address in found)
