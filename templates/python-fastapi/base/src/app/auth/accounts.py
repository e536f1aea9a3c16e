"""/v1/auth and /v1/me: registration, links in mails, passwords, addresses, and the end of an account."""

from datetime import timedelta

from fastapi import APIRouter
from sqlalchemy import delete, select, update

from app.auth import schemas as s
from app.auth import sessions
from app.auth.context import Context, Ctx
from app.auth.models import OneTimeToken, User
from app.auth.permissions import CurrentUser, RecentUser
from app.auth.tokens import digest, new_secret
from app.core.db import utcnow
from app.core.errors import Problem
from app.core.logging import bind_user, event
from app.core.routes import Public

router = APIRouter(prefix="/v1/auth", tags=["auth"], dependencies=[Public])
me = APIRouter(prefix="/v1/me", tags=["me"])


@router.post("/register", status_code=202)
async def register(body: s.Registration, ctx: Ctx) -> s.Accepted:
    """Ask for an account; a mail follows."""
    # Nothing in answer or time shows whether the address is known: the hash comes first.
    email, password, name, password_hash = body.email, body.password, body.name, None
    if password is not None:
        await ctx.judge(password, email=email, name=name)
        password_hash = await ctx.auth.hasher.hash(password)
    if not await ctx.may_mail(email):
        return s.Accepted()
    user = await ctx.user_by_email(email)
    if user is None:
        user = User(email=email, name=name, password_hash=password_hash)
        ctx.db.add(user)
        if not await ctx.is_unique():  # taken at this very moment
            return s.Accepted()
        event("user_created", user_id=str(user.id))
    else:
        pending = update(User).where(User.id == user.id, User.verified_at.is_(None))
        if not await ctx.count(pending.values(password_hash=password_hash, name=name)):
            ctx.mail("exists", to=email, name=user.name)
            return s.Accepted()
    await _send_link(ctx, user, "verify", to=email, name=name)
    return s.Accepted()


@router.post("/verify-email/resend", status_code=202)
async def resend_verification(body: s.AddressOnly, ctx: Ctx) -> s.Accepted:
    """Mail the confirmation again."""
    address = s.lookup_form(body.email)
    allowed = await ctx.may_mail(address)
    user = await ctx.user_by_email(address)
    if allowed and user is not None and user.verified_at is None:
        await _send_link(ctx, user, "verify", to=user.email, name=user.name)
    return s.Accepted()


@router.post("/verify-email", status_code=204, responses={401: {}})
async def verify_email(body: s.Verification, ctx: Ctx) -> None:
    """Confirm the address with the mailed token, and open the account."""
    # A stranger may have registered the address first; their password must not come alive
    # because the owner clicks the link.
    link, user = await _link(ctx, body.token, "verify")
    if user.password_hash is None:
        await ctx.judge(body.password, email=user.email, name=user.name)
        user.password_hash = await ctx.auth.hasher.hash(body.password)
    elif not await ctx.password_matches(user, email=user.email, password=body.password):
        raise sessions.refused()
    await _claim(ctx, link)
    user.verified_at = utcnow()
    event("user_updated", description="verified")


@router.post("/password/forgot", status_code=202)
async def forgot_password(body: s.AddressOnly, ctx: Ctx) -> s.Accepted:
    """Ask for a mail to set a new password."""
    address = s.lookup_form(body.email)
    allowed = await ctx.may_mail(address)
    user = await ctx.user_by_email(address)
    if allowed and user is not None and user.verified_at is not None and not user.disabled:
        await _send_link(ctx, user, "reset", to=user.email, name=user.name)
    return s.Accepted()


@router.post("/password/reset", status_code=204, responses={401: {}})
async def reset_password(body: s.PasswordReset, ctx: Ctx) -> None:
    """Set a new password with the mailed token; a password that is refused does not use it up."""
    link, user = await _link(ctx, body.token, "reset")
    await ctx.judge(body.new_password, email=user.email, name=user.name, pointer="/new_password")
    password_hash = await ctx.auth.hasher.hash(body.new_password)
    await _claim(ctx, link)
    await ctx.forgive(user)
    await _password_changed(ctx, user, password_hash)
    await sessions.end(ctx, user.id)


@me.get("")
async def read_me(caller: CurrentUser, ctx: Ctx) -> s.Me:
    """Read your account."""
    return s.Me.model_validate(await ctx.user(caller.user_id))


@me.patch("")
async def update_me(body: s.Rename, caller: CurrentUser, ctx: Ctx) -> s.Me:
    """Change your name."""
    user = await ctx.user(caller.user_id)
    user.name = body.name
    event("user_updated", description="name")
    return s.Me.model_validate(user)


@me.delete("", status_code=204)
async def delete_me(caller: RecentUser, ctx: Ctx) -> None:
    """Delete your account and all it owns; wants a fresh sign-in."""
    await sessions.end(ctx, caller.user_id)
    await ctx.count(delete(User).where(User.id == caller.user_id))
    event("user_deleted")


@me.put("/password", status_code=204)
async def change_password(body: s.PasswordChange, caller: CurrentUser, ctx: Ctx) -> None:
    """Change your password; all other sessions end."""
    user = await ctx.user(caller.user_id)
    await ctx.judge(body.new_password, email=user.email, name=user.name, pointer="/new_password")
    # Before the account's row is locked, which the comparison does.
    password_hash = await ctx.auth.hasher.hash(body.new_password)
    if not await ctx.password_matches(user, email=user.email, password=body.current_password):
        event("authn_login_fail", level="warning", description="current password")
        raise Problem(403, "invalid-credentials", keep_changes=True)
    await _password_changed(ctx, user, password_hash)
    await sessions.end(ctx, user.id, keep=[caller.session_id])


@me.put("/email", status_code=202)
async def change_email(body: s.AddressChange, caller: RecentUser, ctx: Ctx) -> s.Accepted:
    """Ask for another address, to be confirmed by mail; wants a fresh sign-in."""
    # The old address stays good, and hears of it, until the new one is confirmed.
    if not await ctx.may_mail(body.new_email):
        return s.Accepted()
    user = await ctx.user(caller.user_id)
    taken = await ctx.user_by_email(body.new_email)
    if taken is not None and taken.verified_at is not None:
        ctx.mail("exists", to=taken.email, name=taken.name)
    else:
        await _send_link(ctx, user, "confirm-address", to=body.new_email, name=user.name)
    ctx.mail("address-change", to=user.email, name=user.name)
    return s.Accepted()


@me.post("/email/confirm", status_code=204, responses={409: {}})
async def confirm_email(body: s.Confirmation, caller: CurrentUser, ctx: Ctx) -> None:
    """Confirm the new address with the mailed token."""
    link, user = await _link(ctx, body.token, "confirm-address")
    if user.id != caller.user_id or link.new_email is None:
        raise sessions.refused()
    await _claim(ctx, link)
    await _drop_links(ctx, user, "reset")
    await ctx.count(delete(User).where(User.email == link.new_email, User.verified_at.is_(None)))
    user.email = link.new_email
    if not await ctx.is_unique():
        raise Problem(409, "conflict")
    event("user_updated", description="email")


async def _password_changed(ctx: Context, user: User, password_hash: str) -> None:
    user.password_hash, user.failed_logins = password_hash, 0
    await _drop_links(ctx, user, "reset")
    ctx.mail("password-changed", to=user.email, name=user.name)
    event("authn_password_change")


async def _drop_links(ctx: Context, user: User, purpose: str) -> None:
    await ctx.count(delete(OneTimeToken).where(OneTimeToken.user_id == user.id, OneTimeToken.purpose == purpose))


async def _send_link(ctx: Context, user: User, purpose: str, *, to: str, name: str | None) -> None:
    """Mail a fresh single-use link; older ones for the same purpose die."""
    settings, secret = ctx.settings, new_secret()
    await _drop_links(ctx, user, purpose)
    lifetime = settings.reset_ttl if purpose == "reset" else settings.verify_ttl
    token = OneTimeToken(
        token_hash=digest(secret),
        user_id=user.id,
        purpose=purpose,
        new_email=to if purpose == "confirm-address" else None,
        expires_at=utcnow() + timedelta(seconds=lifetime),
    )
    await ctx.add(token)
    # In the fragment, which browsers send to nobody.
    ctx.mail(purpose, to=to, name=name, link=f"{settings.app_url}/{purpose}#token={secret}")


async def _link(ctx: Context, token: str, purpose: str) -> tuple[OneTimeToken, User]:
    good = select(OneTimeToken).where(
        OneTimeToken.token_hash == digest(token),
        OneTimeToken.purpose == purpose,
        OneTimeToken.used_at.is_(None),
        OneTimeToken.expires_at > utcnow(),
    )
    link = await ctx.db.scalar(good)
    user = await ctx.db.get(User, link.user_id) if link else None
    if link is None or user is None:
        raise sessions.refused()
    bind_user(user.id)
    return link, user


async def _claim(ctx: Context, link: OneTimeToken) -> None:
    if not await ctx.claim(link):
        raise sessions.refused(keep_changes=False)
