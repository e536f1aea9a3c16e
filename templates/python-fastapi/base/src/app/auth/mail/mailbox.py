"""A page with the mails of the folder; only development has it."""

import email
import email.policy
from html import escape

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.auth.mail.outbox import FOLDER
from app.core.routes import Public

router = APIRouter(include_in_schema=False, dependencies=[Public])


@router.get("/dev/mailbox", response_class=HTMLResponse)
def mailbox() -> HTMLResponse:
    files = sorted(FOLDER.glob("*.eml"), reverse=True)[:50]
    mails = "".join(_article(file.read_bytes()) for file in files) or "<p>No mail yet.</p>"
    page = f"<!doctype html><html lang=en><title>Mailbox</title><h1>Mailbox</h1>{mails}"
    return HTMLResponse(page, headers={"Content-Security-Policy": "default-src 'none'"})


def _article(raw: bytes) -> str:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    heading = f"{message['Subject']} (to {message['To']})"
    return f"<h2>{escape(heading)}</h2><pre>{escape(message.get_content())}</pre>"
