"""What is mailed to account holders. User data goes in as text, never as a template."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.tasks import task

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
