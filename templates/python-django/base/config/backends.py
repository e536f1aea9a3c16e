"""Django's own words for the databases and mail servers that URLs of the environment name."""

from typing import Any
# <% if .accounts %>
from urllib.parse import unquote, urlsplit
# <% end %>

from config import env

CONNECT_SECONDS = 5
QUERY_SECONDS = 10
# Lives as long as the process, and in each of its threads.
MEMORY = "file:memory?mode=memory&cache=shared"
# <% if .accounts %>
LOOPBACK = ("localhost", "127.0.0.1", "::1")
# <% end %>


# <% if .accounts %>
def mailer(url: str) -> dict[str, Any]:
    """smtps:// is TLS from the first byte; smtp:// must upgrade, unless to this machine."""
    if not url:
        folder = {"file_path": "var/mail"}
        return {"BACKEND": "django.core.mail.backends.filebased.EmailBackend", "OPTIONS": folder}
    parts = urlsplit(url)
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": parts.hostname,
            "port": parts.port or (465 if parts.scheme == "smtps" else 587),
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_ssl": parts.scheme == "smtps",
            "use_tls": parts.scheme == "smtp" and parts.hostname not in LOOPBACK,
            "timeout": 15,
        },
    }


# <% end %>
def database(url: str) -> dict[str, Any]:
    if url.startswith("postgresql://"):
        return _postgresql(url)
    if url.startswith("sqlite://"):
        return _sqlite(url.removeprefix("sqlite://").removeprefix("/"))
    env.faults.append("DATABASE_URL: neither sqlite:// nor postgresql://")
    return {"ENGINE": "django.db.backends.dummy"}


def _postgresql(url: str) -> dict[str, Any]:
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        options: dict[str, Any] = conninfo_to_dict(url)
    except ProgrammingError:
        env.faults.append("DATABASE_URL: cannot be read")
        options = {}
    name = options.pop("dbname", "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **options,
            "application_name": "scaffold-sample",
            "connect_timeout": CONNECT_SECONDS,
            "options": f"-c statement_timeout={QUERY_SECONDS}s {options.get('options', '')}",
            "pool": {"min_size": 1, "max_size": 20, "timeout": CONNECT_SECONDS},
        },
    }


def _sqlite(path: str) -> dict[str, Any]:
    pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL" if path else ""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path or MEMORY,
        "CONN_MAX_AGE": None,
        # Writers wait for each other when they begin, not when it is too late.
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 5, "init_command": pragmas},
    }
