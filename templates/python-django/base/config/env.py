"""The environment, read by the settings only.

Each variable may also come as NAME_FILE, the path of a file with its value. What cannot
be read is noted in `faults`, so that one start names everything that is wrong.
"""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

faults: list[str] = []


class Quota(NamedTuple):
    """So many requests in so many seconds, written "300/60"."""

    limit: int
    window: int


def ease(defaults: Mapping[str, str]) -> None:
    """Give variables that are not set another default than production's."""
    for name, value in defaults.items():
        if f"{name}_FILE" not in os.environ:
            os.environ.setdefault(name, value)


def load(path: Path) -> None:
    """Read a file of NAME=VALUE lines; what is set already wins."""
    if not path.is_file():
        return
    lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    ease({name.strip(): value.strip().strip("\"'") for name, _, value in pairs})


def fresh() -> dict[str, str]:
    """What development needs of its own; every call makes new keys."""
    return {
        "CURSOR_SECRET": secrets.token_urlsafe(48),
        # <% if .accounts %>
        "JWT_PRIVATE_KEYS": _signing_key(),
        # <% end %>
    }


# <% if .accounts %>
def _signing_key() -> str:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode().strip().replace("\n", "\\n")


# <% end %>
def text(name: str, default: str = "") -> str:
    if (value := os.environ.get(name)) is not None:
        return value.strip()
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            faults.append(f"{name}_FILE: cannot be read")
    return default


def url(name: str, *schemes: str) -> str:
    """A URL of one of these schemes. What is none is nowhere else to be taken apart, or shown."""
    value = text(name)
    try:
        parts = urlsplit(value)
        usable = not value or (parts.scheme in schemes and parts.port != 0)
    except ValueError:
        usable = False
    if usable:
        return value
    faults.append(f"{name}: not a URL of {' or '.join(schemes)} (in a password, / is written %2F, and so on)")
    return ""


def words(name: str) -> list[str]:
    return [word.strip() for word in text(name).split(",") if word.strip()]


def integer(name: str, default: int, *, minimum: int = 1, maximum: int = 999_999_999) -> int:
    value = text(name, str(default))
    if value.isdecimal() and len(value) < 10 and minimum <= int(value) <= maximum:
        return int(value)
    faults.append(f"{name}: not a whole number from {minimum} to {maximum}")
    return default


def quota(name: str, default: str) -> Quota:
    limit, _, window = text(name, default).partition("/")
    if limit.isdecimal() and window.isdecimal() and int(limit) and int(window):
        return Quota(int(limit), int(window))
    faults.append(f"{name}: not of the form REQUESTS/SECONDS")
    return quota("", default)


def choice(name: str, *choices: str) -> str:
    """One of these words; the first is the default."""
    value = text(name, choices[0])
    if value in choices:
        return value
    faults.append(f"{name}: not one of {', '.join(filter(None, choices))}")
    return choices[0]


def switch(name: str) -> bool:
    value = text(name).lower()
    if value not in ("", "0", "1", "false", "true", "no", "yes", "off", "on"):
        faults.append(f"{name}: neither true nor false")
    return value in ("1", "true", "yes", "on")
