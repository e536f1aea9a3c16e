"""What is written to account holders. User data goes in as text, it is never a template itself."""

from email.message import EmailMessage
from email.policy import SMTP

from app import TITLE

# Wide enough for a link to stay on one line, unencoded.
POLICY = SMTP.clone(max_line_length=300)

# Kind of mail: subject and text.
TEXTS = {
    "verify": (
        "Confirm your e-mail address",
        "Somebody, hopefully you, registered this address. To confirm, open this link\n"
        "and enter the password chosen then:\n\n{link}\n\nIf it was not you, do nothing.",
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
        "Open this link to sign in with this address from now on:\n\n{link}\n\n"
        "If you did not ask for it, do nothing.",
    ),
    "address-change": (
        "Your e-mail address is about to change",
        "Somebody, hopefully you, asked to move your account to another address.\n"
        "If it was not you, change your password and end your other sessions now.",
    ),
}


def compose(kind: str, *, sender: str, to: str, name: str | None, link: str = "") -> EmailMessage:
    subject, text = TEXTS[kind]
    message = EmailMessage(policy=POLICY)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = f"{TITLE}: {subject}"
    greeting = f"Hello {name}" if name else "Hello"
    message.set_content(f"{greeting},\n\n{text.format(link=link)}\n")
    return message
