"""A page with the mails of the development folder; production does not have it."""

import email
import email.policy
from html import escape
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from ninja import Router

from core.routes import answers

FOLDER = Path("var/mail")

router = Router(auth=None)


@router.get("/dev/mailbox", include_in_schema=False)
@answers("text/html")
def read_mailbox(request: HttpRequest) -> HttpResponse:
    page = "<!doctype html><html lang=en><title>Mailbox</title><h1>Mailbox</h1>"
    for file in sorted(FOLDER.glob("*.log"), reverse=True)[:50]:
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        heading = f"{message['Subject']} (to {message['To']})"
        # Django's backend ends each mail with a line of dashes.
        text = message.get_content().rstrip("-\n")
        page += f"<h2>{escape(heading)}</h2><pre>{escape(text)}</pre>"
    return HttpResponse(page)
