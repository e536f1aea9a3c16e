"""Logs: one event, one line; JSON in production, readable in development.

Event names are those of the OWASP Logging Vocabulary. Nothing secret is ever
passed in: no bodies, no header values but the user agent, no query strings.
"""

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime

from app.config import NAME, Settings

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
MEMBERS = ("request_id", "user_id", "source_ip", "user_agent", "method", "path", "status", "description", "amr")

_logger = logging.getLogger(NAME)
_request: ContextVar[dict[str, object] | None] = ContextVar("request", default=None)


def event(name: str, *, level: str = "info", **fields: object) -> None:
    """Log one event; what is known of the current request goes with it."""
    number = LEVELS[level]
    if _logger.isEnabledFor(number):
        extra = {"fields": (_request.get() or {}) | fields}
        # Not `log`, which walks the stack to find the caller's line.
        _logger.handle(_logger.makeRecord(NAME, number, "", 0, name, (), None, extra=extra))


def bind_request(fields: dict[str, object]) -> None:
    """Start the context of one request."""
    _request.set(fields)


def bind_user(user_id: object, amr: object = None) -> None:
    """Name the user in every later line of this request."""
    if (fields := _request.get()) is not None:
        fields["user_id"] = str(user_id)
        fields["amr"] = amr


def bind_path(path: str) -> None:
    """Show another path in the lines of this request: some ids are not for logs."""
    if (fields := _request.get()) is not None:
        fields["path"] = path


def log_exception(exc: BaseException) -> None:
    """The cause of an internal error: types and places, never messages.

    A message may quote what a user sent; the frames are enough to find the line.
    """
    causes: list[str] = []
    current: BaseException | None = exc
    while current is not None and len(causes) < 5:
        frames = traceback.extract_tb(current.__traceback__)[-8:]
        places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
        causes.append(f"{type(current).__module__}.{type(current).__qualname__} at {places}")
        current = current.__cause__ or current.__context__
    event("sys_error", level="error", description="; caused by ".join(causes))


class JsonFormatter(logging.Formatter):
    """One object a line; everything outside ASCII is escaped, so no text makes a second line."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(_entry(record), ensure_ascii=True, default=str)


class PrettyFormatter(logging.Formatter):
    """For a person at a terminal; control characters are shown, not obeyed."""

    def format(self, record: logging.LogRecord) -> str:
        entry = _entry(record)
        rest = " ".join(
            f"{key}={json.dumps(entry[key], default=str)}"
            for key in entry
            if key not in ("datetime", "level", "event", "appid") and entry[key] is not None
        )
        return f"{record.levelname:7} {entry['event']} {rest}"


def _entry(record: logging.LogRecord) -> dict[str, object]:
    entry: dict[str, object] = {
        "datetime": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "event": record.getMessage(),
        "appid": NAME,
    }
    entry.update(dict.fromkeys(MEMBERS))
    if record.name == NAME:
        entry.update(getattr(record, "fields", {}))
    else:  # a library speaks
        entry.update(event="sys_log", description=f"{record.name}: {record.getMessage()}")
    return entry


def setup_logging(settings: Settings) -> None:
    """Send every line of the process, the libraries' too, through one formatter to stdout."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(PrettyFormatter() if settings.log_format == "pretty" else JsonFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    _logger.setLevel(LEVELS[settings.log_level])
