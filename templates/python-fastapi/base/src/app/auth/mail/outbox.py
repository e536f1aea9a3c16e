"""Where mail goes: to an SMTP server, or without one into a folder."""

import asyncio
from email.message import EmailMessage
from email.utils import localtime, make_msgid
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import aiosmtplib

from app.core.db import utcnow
from app.core.logging import event

FOLDER = Path("var/mail")
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
TIMEOUT_SECONDS = 15


async def deliver(smtp_url: str, message: EmailMessage) -> None:
    """Send after the answer has left; a failure is logged, and the user can ask again."""
    try:
        if smtp_url:
            await _send(smtp_url, message)
        else:
            await asyncio.to_thread(_write, message)
    except (aiosmtplib.SMTPException, OSError) as error:
        event("mail_failed", level="error", description=type(error).__name__)


async def _send(smtp_url: str, message: EmailMessage) -> None:
    """smtps:// is TLS from the first byte; smtp:// must upgrade, unless to this machine."""
    url = urlsplit(smtp_url)
    message["Date"] = localtime()
    message["Message-ID"] = make_msgid(domain=message["From"].addresses[0].domain)
    await aiosmtplib.send(
        message,
        hostname=url.hostname,
        port=url.port,
        username=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        use_tls=url.scheme == "smtps",
        start_tls=url.scheme == "smtp" and url.hostname not in LOOPBACK,
        timeout=TIMEOUT_SECONDS,
    )


def _write(message: EmailMessage) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    name = f"{utcnow():%Y%m%dT%H%M%S.%f}-{uuid4().hex[:8]}.eml"
    (FOLDER / name).write_bytes(message.as_bytes())
