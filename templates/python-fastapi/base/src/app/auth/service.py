"""The life of an account: registration, links in mails, passwords, addresses, its end."""

from datetime import timedelta

from app.auth import sessions
from app.auth.context import Context
from app.auth.permissions import Principal
from app.auth.repository import OneTimeToken, User
from app.auth.schemas import lookup_form
from app.auth.tokens import digest, new_secret
from app.core.db import utcnow
from app.core.errors import Problem
from app.core.logging import bind_user, event


async def register(ctx: Context, *, email: str, password: str | None, name: str | None) -> None:
    """Nothing in answer or time shows whether the address is known: the hash comes first."""
    password_hash = None
    if password is not None:
        await ctx.judge(password, email=email, name=name)
        password_hash = await ctx.auth.hasher.hash(password)
    if not await ctx.may_mail(email):
        return
    user = await ctx.accounts.user_by_email(email)
    if user is None:
        user = User(email=email, name=name, password_hash=password_hash)
        if not await ctx.accounts.add_user(user):
            return
        event("user_created", user_id=str(user.id))
    else:
        # Older links die before the password changes, so that none can confirm this one.
        await ctx.accounts.delete_one_time_tokens(user.id, "verify")
        pending = await ctx.accounts.set_pending(user.id, password_hash=password_hash, name=name)
        if not pending:
            ctx.mail("exists", to=email, name=user.name)
            return
    await _send_link(ctx, user, "verify", to=email, name=name)


async def resend(ctx: Context, *, email: str) -> None:
    address = lookup_form(email)
    allowed = await ctx.may_mail(address)
    user = await ctx.accounts.user_by_email(address)
    if allowed and user is not None and user.verified_at is None:
        await _send_link(ctx, user, "verify", to=user.email, name=user.name)


async def verify_email(ctx: Context, *, token: str, password: str) -> None:
    """Activate an account for whoever has both its mailbox and its pending password.

    A stranger may have registered the address first; their password must not come alive
    because the owner clicks the link.
    """
    link, user = await _link(ctx, token, "verify")
    if user.password_hash is None:
        await ctx.judge(password, email=user.email, name=user.name)
        user.password_hash = await ctx.auth.hasher.hash(password)
    elif not await ctx.password_matches(user, email=user.email, password=password):
        raise sessions.refused()
    await _claim(ctx, link)
    user.verified_at = utcnow()
    event("user_updated", description="verified")


async def forgot_password(ctx: Context, *, email: str) -> None:
    address = lookup_form(email)
    allowed = await ctx.may_mail(address)
    user = await ctx.accounts.user_by_email(address)
    if allowed and user is not None and user.verified_at is not None and not user.disabled:
        await _send_link(ctx, user, "reset", to=user.email, name=user.name)


async def reset_password(ctx: Context, *, token: str, new_password: str) -> None:
    """Signs nobody in; a password that is refused does not use up the link."""
    link, user = await _link(ctx, token, "reset")
    await ctx.judge(new_password, email=user.email, name=user.name, pointer="/new_password")
    password_hash = await ctx.auth.hasher.hash(new_password)
    await _claim(ctx, link)
    await ctx.forgive(user)
    await _password_changed(ctx, user, password_hash)
    await sessions.end(ctx, user.id)


async def change_password(ctx: Context, principal: Principal, *, current_password: str, new_password: str) -> None:
    user = await ctx.user(principal.user_id)
    await ctx.judge(new_password, email=user.email, name=user.name, pointer="/new_password")
    if not await ctx.password_matches(user, email=user.email, password=current_password):
        event("authn_login_fail", level="warning", description="current password")
        raise Problem(403, "invalid-credentials", keep_changes=True)
    await _password_changed(ctx, user, await ctx.auth.hasher.hash(new_password))
    await sessions.end(ctx, user.id, keep=[principal.session_id])


async def _password_changed(ctx: Context, user: User, password_hash: str) -> None:
    user.password_hash = password_hash
    await ctx.accounts.delete_one_time_tokens(user.id, "reset")
    ctx.mail("password-changed", to=user.email, name=user.name)
    event("authn_password_change")


async def request_email_change(ctx: Context, principal: Principal, *, new_email: str) -> None:
    """The old address stays good, and hears of it, until the new one is confirmed."""
    if not await ctx.may_mail(new_email):
        return
    user = await ctx.user(principal.user_id)
    taken = await ctx.accounts.user_by_email(new_email)
    if taken is not None and taken.verified_at is not None:
        ctx.mail("exists", to=new_email, name=taken.name)
    else:
        await _send_link(ctx, user, "confirm-address", to=new_email, name=user.name)
    ctx.mail("address-change", to=user.email, name=user.name)


async def confirm_email_change(ctx: Context, principal: Principal, *, token: str) -> None:
    link, user = await _link(ctx, token, "confirm-address")
    if user.id != principal.user_id or link.new_email is None:
        raise sessions.refused()
    await _claim(ctx, link)
    await ctx.accounts.delete_one_time_tokens(user.id, "reset")
    if not await ctx.accounts.change_email(user, link.new_email):
        raise Problem(409, "conflict")
    event("user_updated", description="email")


async def delete(ctx: Context, principal: Principal) -> None:
    """Everything the account owns goes with it."""
    await sessions.end(ctx, principal.user_id)
    await ctx.accounts.delete_user(principal.user_id)
    event("user_deleted")


async def _send_link(ctx: Context, user: User, purpose: str, *, to: str, name: str | None) -> None:
    """Mail a fresh single-use link; older ones for the same purpose die."""
    settings = ctx.settings
    await ctx.accounts.delete_one_time_tokens(user.id, purpose)
    secret = new_secret()
    lifetime = settings.reset_ttl if purpose == "reset" else settings.verify_ttl
    token = OneTimeToken(
        token_hash=digest(secret),
        user_id=user.id,
        purpose=purpose,
        new_email=to if purpose == "confirm-address" else None,
        expires_at=utcnow() + timedelta(seconds=lifetime),
    )
    await ctx.accounts.add(token)
    # In the fragment, which browsers send to nobody.
    ctx.mail(purpose, to=to, name=name, link=f"{settings.app_url}/{purpose}#token={secret}")


async def _link(ctx: Context, token: str, purpose: str) -> tuple[OneTimeToken, User]:
    link = await ctx.accounts.one_time_token(digest(token), purpose)
    user = await ctx.accounts.user(link.user_id) if link else None
    if link is None or user is None:
        raise sessions.refused()
    bind_user(user.id)
    return link, user


async def _claim(ctx: Context, link: OneTimeToken) -> None:
    if not await ctx.accounts.claim(link):
        raise sessions.refused()
