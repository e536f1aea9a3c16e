"""Where mail goes: a folder in development, an SMTP server in production."""

import asyncio
from email.message import EmailMessage
from email.utils import localtime, make_msgid
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import aiosmtplib

from app.config import Settings
from app.core.db import utcnow
from app.core.logging import event

FOLDER = Path("var/mail")
TIMEOUT_SECONDS = 15


class Outbox(Protocol):
    async def send(self, message: EmailMessage) -> None: ...


class FolderOutbox:
    async def send(self, message: EmailMessage) -> None:
        await asyncio.to_thread(self._write, message)

    def _write(self, message: EmailMessage) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        name = f"{utcnow():%Y%m%dT%H%M%S.%f}-{uuid4().hex[:8]}.eml"
        (FOLDER / name).write_bytes(message.as_bytes())


class SmtpOutbox:
    """smtps:// is TLS from the first byte; smtp:// must upgrade unless the server is on loopback."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._host = self._url.hostname or "localhost"

    async def send(self, message: EmailMessage) -> None:
        url = self._url
        message["Date"] = localtime()
        message["Message-ID"] = make_msgid(domain=message["From"].addresses[0].domain)
        implicit_tls = url.scheme == "smtps"
        await aiosmtplib.send(
            message,
            hostname=self._host,
            port=url.port,
            username=unquote(url.username) if url.username else None,
            password=unquote(url.password) if url.password else None,
            use_tls=implicit_tls,
            start_tls=not implicit_tls and not _is_loopback(self._host),
            timeout=TIMEOUT_SECONDS,
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def open_outbox(settings: Settings) -> Outbox:
    if settings.smtp_url:
        return SmtpOutbox(settings.smtp_url.get_secret_value())
    return FolderOutbox()


async def deliver(outbox: Outbox, message: EmailMessage) -> None:
    """Send after the answer has left; a failure is logged, and the user can ask again."""
    try:
        await outbox.send(message)
    except (aiosmtplib.SMTPException, OSError) as error:
        event("mail_failed", level="error", description=type(error).__name__)
