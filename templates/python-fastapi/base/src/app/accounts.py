"""Where accounts plug into the service: routes, tools, checks and keys."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi import FastAPI

from app.auth.account_router import router as account_router
from app.auth.mail import mailbox
from app.auth.permissions import authenticate, identify
from app.auth.router import router, well_known
from app.auth.state import Auth
from app.auth.tokens import load_keys
from app.config import Settings
from app.core import checking
from app.core.guessing import Backoff

__all__ = ["authenticate", "fresh_keys", "identify", "install", "problems"]

CEILINGS = {
    "access_ttl": 900,
    "refresh_idle_ttl": 24 * 3600,
    "refresh_max_ttl": 30 * 24 * 3600,
    "refresh_grace_seconds": 30,
    "step_up_ttl": 600,
    "verify_ttl": 3600,
    "reset_ttl": 600,
}


def install(app: FastAPI, settings: Settings) -> None:
    app.state.backoff = Backoff(app.state.store, settings.login_backoff_seconds)
    app.state.auth = Auth(settings)
    app.include_router(router)
    app.include_router(account_router)
    app.include_router(well_known)
    if not settings.production:
        app.include_router(mailbox.router)


def fresh_keys() -> dict[str, str]:
    """New secrets for development, in .env's syntax."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode().strip()
    return {"JWT_PRIVATE_KEYS": '"' + pem.replace("\n", "\\n") + '"'}


def problems(settings: Settings) -> Iterator[str]:
    """What is missing or wrong for accounts, whatever the profile."""
    required = ["jwt_private_keys", "app_url", "mail_from"]
    if settings.production:
        required.append("smtp_url")
    yield from checking.missing(settings, required)
    try:
        load_keys(settings.jwt_private_keys.get_secret_value())
    except ValueError:
        yield "JWT_PRIVATE_KEYS: not a list of PEM keys on P-256 or Ed25519"


def production_problems(settings: Settings) -> Iterator[str]:
    for name, ceiling in CEILINGS.items():
        if getattr(settings, name) > ceiling:
            yield f"{name.upper()}: more than {ceiling} seconds"
    if settings.password_min_length < 15:
        yield "PASSWORD_MIN_LENGTH: less than 15 without a second factor"
    smtp = urlsplit(settings.smtp_url.get_secret_value())
    # On the submission port the sender insists on STARTTLS; port 25 relays may not offer it.
    encrypted = smtp.scheme == "smtps" or smtp.port == 587
    if not encrypted and not checking.is_loopback(smtp.hostname):
        yield "SMTP_URL: smtps://, or smtp:// on port 587, unless the server is local"
    if checking.has_default_password(smtp):
        yield "SMTP_URL: a default password"
