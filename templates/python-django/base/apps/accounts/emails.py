"""What is mailed to account holders. User data goes in as text, never as a template."""

import email
import email.policy
from html import escape
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.tasks import task
from ninja import Router

from core.routes import answers

FOLDER = Path("var/mail")

mailbox_router = Router(auth=None)

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


@task
def mail(kind: str, *, to: str, name: str | None, link: str = "") -> None:
    """Enqueue it, so that the answer does not wait: its time would tell who has an account."""
    subject, text = TEXTS[kind]
    greeting = f"Hello {name}" if name else "Hello"
    body = f"{greeting},\n\n{text.format(link=link)}\n"
    EmailMessage(f"{settings.TITLE}: {subject}", body, to=[to]).send()


@mailbox_router.get("/dev/mailbox", include_in_schema=False)
@answers("text/html")
def read_mailbox(request: HttpRequest) -> HttpResponse:
    """Show the mails of the development folder; production does not have this page."""
    page = "<!doctype html><html lang=en><title>Mailbox</title><h1>Mailbox</h1>"
    for file in sorted(FOLDER.glob("*.log"), reverse=True)[:50]:
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        heading = f"{message['Subject']} (to {message['To']})"
        # Django's backend ends each mail with a line of dashes.
        text = message.get_content().rstrip("-\n")
        page += f"<h2>{escape(heading)}</h2><pre>{escape(text)}</pre>"
    return HttpResponse(page)
