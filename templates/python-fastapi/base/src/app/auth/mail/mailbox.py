"""A page with the mails of the development folder; production never mounts it."""

import email
import email.policy
from html import escape

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.auth.mail.outbox import FOLDER
from app.core.access import Public

router = APIRouter(include_in_schema=False, dependencies=[Public])
NEWEST = 50


@router.get("/dev/mailbox")
def mailbox() -> HTMLResponse:
    files = sorted(FOLDER.glob("*.eml"), reverse=True)[:NEWEST]
    mails = "".join(_article(file.read_bytes()) for file in files) or "<p>No mail yet.</p>"
    page = f"<!doctype html><html lang=en><title>Mailbox</title><h1>Mailbox</h1>{mails}"
    return HTMLResponse(page, headers={"Content-Security-Policy": "default-src 'none'"})


def _article(raw: bytes) -> str:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    body = message.get_body()
    text = body.get_content() if body else ""
    return (
        f"<article><h2>{escape(message['Subject'])}</h2>"
        f"<p>To {escape(message['To'])}</p><pre>{escape(text)}</pre></article>"
    )
