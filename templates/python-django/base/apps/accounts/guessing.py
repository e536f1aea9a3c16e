"""Limits on guessing secrets, and on the mails one may cause."""

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, check_password
from django.db.models import F

from apps.accounts.models import User
from core.http import Request
from core.logging import event
from core.ratelimit import quota_exceeded
from core.store import store

FREE_ATTEMPTS = 5
LONGEST_WAIT = 15 * 60
FORGET_FAILURES = 24 * 3600
HOUR = 3600
MAIL_PER_NETWORK = 20
LONGEST_USER_AGENT = 200


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from."""

    ip: str
    network: str
    user_agent: str

    @classmethod
    def of(cls, request: Request) -> "Client":
        user_agent = request.headers.get("User-Agent", "")[:LONGEST_USER_AGENT]
        return cls(request.client_ip, request.network, user_agent)


def password_matches(user: User | None, *, email: str, password: str, client: Client) -> bool:
    """Compare; a failure counts for address and network (L4) and for the account (L5).

    Without an account, or without a password, the same work is done in vain.
    """
    _attempt(email, client.network)
    if user is None:
        return check_password(password, UNUSABLE_PASSWORD_PREFIX)
    right = user.check_password(password)
    if not user.has_usable_password():
        return False
    if user.failed_logins >= settings.LOCKOUT_CEILING:
        event("authn_login_lock", level="warning", user_id=str(user.id))
        return False
    if not right:
        User.objects.filter(id=user.id).update(failed_logins=F("failed_logins") + 1)
        return False
    forgive(user, client)
    return True


def forgive(user: User, client: Client) -> None:
    """Forget the failures: the secret was right."""
    if user.failed_logins:
        User.objects.filter(id=user.id).update(failed_logins=0)
    store().clear(*_keys(user.email, client.network))


def may_mail(address: str, client: Client) -> bool:
    """Count one mail to come (L6), whether or not the address has an account."""
    to_address, _ = store().hit(f"mail:to:{_digest(address)}", HOUR)
    from_network, _ = store().hit(f"mail:from:{client.network}", HOUR)
    allowed = to_address <= settings.MAIL_PER_ADDRESS and from_network <= MAIL_PER_NETWORK
    return allowed or not settings.PRODUCTION


def _attempt(*parts: str) -> None:
    """Count one try at the secret these parts name, or raise 429.

    It counts before the secret is looked at, so that many at once gain nothing, and
    whether the account exists makes no difference. Nobody else is locked out.
    """
    failures, block = _keys(*parts)
    if wait := store().ttl(block):
        raise quota_exceeded("guess", wait)
    count, _ = store().hit(failures, FORGET_FAILURES)
    # Without the shared store each process counts alone, so it allows fewer.
    free = FREE_ATTEMPTS // 2 if store().degraded else FREE_ATTEMPTS
    if count < free:
        return
    wait = min(settings.LOGIN_BACKOFF_SECONDS << min(count - free, 10), LONGEST_WAIT)
    if store().hit(block, wait)[0] > 1:  # a try at the same moment came first
        raise quota_exceeded("guess", wait)


def _keys(*parts: str) -> tuple[str, str]:
    # Hashed: addresses of users have no place in a shared store.
    digest = _digest("\0".join(parts))
    return f"failures:{digest}", f"block:{digest}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
