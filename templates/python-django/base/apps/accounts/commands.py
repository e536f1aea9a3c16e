"""What commands do to accounts: nobody is an administrator until one of them made one."""

from django.db import transaction
from django.utils import timezone

from apps.accounts import selectors, sessions
from apps.accounts.guessing import Client
from apps.accounts.models import User
from apps.accounts.passwords import judge


@transaction.atomic
def save_user(email: str, password: str, *, role: str) -> str:
    """Make or overwrite a verified account; an access token for it."""
    user = selectors.user_by_email(email) or User(email=email)
    judge(password, user)
    user.set_password(password)
    user.role, user.verified_at = role, timezone.now()
    user.save()
    sessions.end(user.id)
    return sessions.start(user, Client("127.0.0.1", "127.0.0.1", "command line")).access_token
