"""What is mailed to account holders, and how. User data goes in as text, never as a template."""

import asyncio
import email
import email.policy
from email.message import EmailMessage
from email.utils import localtime, make_msgid
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import aiosmtplib
from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.config import TITLE
from app.core.db import utcnow
from app.core.logging import event
from app.core.routes import Public

FOLDER = Path("var/mail")
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
TIMEOUT_SECONDS = 15
# Wide enough for a link to stay on one line, unencoded.
POLICY = email.policy.SMTP.clone(max_line_length=300)

mailbox = APIRouter(include_in_schema=False, dependencies=[Public])

# Kind of mail: subject and text.
TEXTS = {
    "verify": (
        "Confirm your e-mail address",
        "To confirm this address, open this link and enter the password you registered with:\n\n"
        "{link}\n\nIf you did not register, do nothing.",
    ),
    "exists": (
        "You already have an account",
        "Somebody, hopefully you, tried to register this address, which has an account.\n"
        "If you forgot the password, it can be reset on the sign-in page.",
    ),
    "reset": (
        "Reset your password",
        "Open this link to choose a new password:\n\n{link}\n\n"
        "If you did not ask for it, do nothing: your password stays as it is.",
    ),
    "password-changed": (
        "Your password was changed",
        "Your password was changed and your other sessions were ended.\n"
        "If it was not you, reset it on the sign-in page now.",
    ),
    "confirm-address": (
        "Confirm your new e-mail address",
        "Open this link to sign in with this address from now on:\n\n{link}\n\nIf you did not ask for it, do nothing.",
    ),
    "address-change": (
        "Your e-mail address is about to change",
        "Somebody, hopefully you, asked to move your account to another address.\n"
        "If it was not you, change your password and end your other sessions now.",
    ),
}


def compose(kind: str, *, sender: str, to: str, name: str | None, link: str) -> EmailMessage:
    subject, text = TEXTS[kind]
    message = EmailMessage(policy=POLICY)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = f"{TITLE}: {subject}"
    greeting = f"Hello {name}" if name else "Hello"
    message.set_content(f"{greeting},\n\n{text.format(link=link)}\n")
    return message


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


@mailbox.get("/dev/mailbox", response_class=HTMLResponse)
def read_mailbox() -> HTMLResponse:
    """The mails of the folder; only development has it."""
    page = "<!doctype html><html lang=en><title>Mailbox</title><h1>Mailbox</h1>"
    for file in sorted(FOLDER.glob("*.eml"), reverse=True)[:50]:
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        heading = f"{message['Subject']} (to {message['To']})"
        page += f"<h2>{escape(heading)}</h2><pre>{escape(message.get_content())}</pre>"
    return HTMLResponse(page, headers={"Content-Security-Policy": "default-src 'none'"})
