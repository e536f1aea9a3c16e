"""The life of an account: registration, links in mails, passwords, addresses, its end."""

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts import emails, selectors, sessions
from apps.accounts.auth import Principal, invalid_token
from apps.accounts.guessing import Client, forgive, may_mail, password_matches
from apps.accounts.models import OneTimeToken, User
from apps.accounts.passwords import judge
from apps.accounts.schemas import lookup_form
from apps.accounts.tokens import digest, new_secret
from core.logging import bind_user, event
from core.problem import Problem

type Purpose = OneTimeToken.Purpose
VERIFY, RESET, CONFIRM_ADDRESS = OneTimeToken.Purpose


def register(*, email: str, password: str | None, name: str | None, client: Client) -> None:
    """Nothing in answer or time shows whether the address is known: the hash comes first."""
    user = User(email=email, name=name)
    if password is not None:
        judge(password, user)
    user.set_password(password)
    if not may_mail(email, client):
        return
    with transaction.atomic():
        known = selectors.user_by_email(email)
        if known is not None and not _replace_pending(known, user):
            _mail("exists", to=email, name=known.name)
        elif known is not None:
            _send_link(known, VERIFY, to=email, name=name)
        elif _is_unique(user):
            event("user_created", user_id=str(user.id))
            _send_link(user, VERIFY, to=email, name=name)


def _replace_pending(known: User, new: User) -> bool:
    """False when the account is verified by now."""
    # Older links die before the password changes, so that none can confirm this one.
    OneTimeToken.objects.filter(user=known, purpose=VERIFY).delete()
    pending = User.objects.filter(id=known.id, verified_at=None)
    return pending.update(password=new.password, name=new.name) == 1


def _is_unique(user: User) -> bool:
    """Save; False when the address has been taken at this very moment."""
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        return False
    return True


def resend(*, email: str, client: Client) -> None:
    address = lookup_form(email)
    allowed = may_mail(address, client)
    user = selectors.user_by_email(address)
    if allowed and user is not None and user.verified_at is None:
        _send_link(user, VERIFY, to=user.email, name=user.name)


def verify_email(*, token: str, password: str, client: Client) -> None:
    """Activate an account for whoever has both its mailbox and its pending password.

    A stranger may have registered the address first; their password must not come alive
    because the owner clicks the link.
    """
    link, user = _link(token, VERIFY)
    if not user.has_usable_password():
        judge(password, user)
        user.set_password(password)
    elif not password_matches(user, email=user.email, password=password, client=client):
        raise sessions.refused()
    with transaction.atomic():
        _claim(link)
        user.verified_at = timezone.now()
        user.save(update_fields=["password", "verified_at"])
    event("user_updated", description="verified")


def forgot_password(*, email: str, client: Client) -> None:
    address = lookup_form(email)
    allowed = may_mail(address, client)
    user = selectors.user_by_email(address)
    if allowed and user is not None and user.verified_at is not None and not user.disabled:
        _send_link(user, RESET, to=user.email, name=user.name)


def reset_password(*, token: str, new_password: str, client: Client) -> None:
    """Signs nobody in; a password that is refused does not use up the link."""
    link, user = _link(token, RESET)
    judge(new_password, user, pointer="/new_password")
    user.password = make_password(new_password)
    with transaction.atomic():
        _claim(link)
        forgive(user, client)
        _password_changed(user)
        sessions.end(user.id)


def change_password(principal: Principal, *, current_password: str, new_password: str, client: Client) -> None:
    user = account(principal)
    judge(new_password, user, pointer="/new_password")
    if not password_matches(user, email=user.email, password=current_password, client=client):
        event("authn_login_fail", level="warning", description="current password")
        raise Problem(403, "invalid-credentials")
    changed = make_password(new_password)
    with transaction.atomic():
        # A reset that came first would be undone by whoever it shut out.
        sessions.lock(user)
        user.password = changed
        _password_changed(user)
        sessions.end(user.id, keep=[principal.session_id])


def _password_changed(user: User) -> None:
    user.save(update_fields=["password"])
    OneTimeToken.objects.filter(user=user, purpose=RESET).delete()
    _mail("password-changed", to=user.email, name=user.name)
    event("authn_password_change")


def request_email_change(principal: Principal, *, new_email: str, client: Client) -> None:
    """The old address stays good, and hears of it, until the new one is confirmed."""
    if not may_mail(new_email, client):
        return
    user, taken = account(principal), selectors.user_by_email(new_email)
    if taken is not None and taken.verified_at is not None:
        _mail("exists", to=new_email, name=taken.name)
    else:
        _send_link(user, CONFIRM_ADDRESS, to=new_email, name=user.name)
    _mail("address-change", to=user.email, name=user.name)


def confirm_email_change(principal: Principal, *, token: str) -> None:
    link, user = _link(token, CONFIRM_ADDRESS)
    if user.id != principal.user_id or link.new_email is None:
        raise sessions.refused()
    with transaction.atomic():
        _claim(link)
        OneTimeToken.objects.filter(user=user, purpose=RESET).delete()
        User.objects.filter(email=link.new_email, verified_at=None).delete()
        user.email = link.new_email
        try:
            user.save(update_fields=["email"])
        except IntegrityError:
            raise Problem(409, "conflict") from None
    event("user_updated", description="email")


def rename(principal: Principal, *, name: str | None) -> User:
    user = account(principal)
    user.name = name
    user.save(update_fields=["name"])
    event("user_updated", description="name")
    return user


@transaction.atomic
def delete(principal: Principal) -> None:
    """Everything the account owns goes with it."""
    sessions.end(principal.user_id)
    User.objects.filter(id=principal.user_id).delete()
    event("user_deleted")


def save_user(email: str, password: str, *, role: str) -> str:
    """For commands: make or overwrite a verified account; an access token for it."""
    user = selectors.user_by_email(email) or User(email=email)
    judge(password, user)
    user.set_password(password)
    user.role, user.verified_at, user.failed_logins = role, timezone.now(), 0
    with transaction.atomic():
        user.save()
        sessions.end(user.id)
        return sessions.start(user, Client("127.0.0.1", "127.0.0.1", "command line")).access_token


def account(principal: Principal) -> User:
    user = User.objects.filter(id=principal.user_id).first()
    if user is None:
        raise invalid_token()
    return user


@transaction.atomic
def _send_link(user: User, purpose: Purpose, *, to: str, name: str | None) -> None:
    """Mail a fresh single-use link; older ones for the same purpose die."""
    OneTimeToken.objects.filter(user=user, purpose=purpose).delete()
    secret = new_secret()
    lifetime = settings.RESET_TTL if purpose == RESET else settings.VERIFY_TTL
    OneTimeToken.objects.create(
        token_hash=digest(secret),
        user=user,
        purpose=purpose,
        new_email=to if purpose == CONFIRM_ADDRESS else None,
        expires_at=timezone.now() + timedelta(seconds=lifetime),
    )
    # In the fragment, which browsers send to nobody.
    link = f"{settings.APP_URL}/{purpose}#token={secret}"
    _mail(purpose, to=to, name=name, link=link)


def _mail(kind: str, *, to: str, name: str | None, link: str = "") -> None:
    transaction.on_commit(partial(emails.mail.enqueue, kind, to=to, name=name, link=link))


def _link(token: str, purpose: Purpose) -> tuple[OneTimeToken, User]:
    link = selectors.one_time_token(token, purpose)
    if link is None:
        raise sessions.refused()
    bind_user(link.user_id)
    return link, link.user


def _claim(link: OneTimeToken) -> None:
    """Use a link up; of any number of parallel tries exactly one gets further."""
    unused = OneTimeToken.objects.filter(pk=link.pk, used_at=None)
    if not unused.update(used_at=timezone.now()):
        raise sessions.refused()
