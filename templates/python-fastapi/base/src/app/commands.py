"""Accounts from the command line: nobody is an administrator until this made one."""

import secrets
import sys
from getpass import getpass

from fastapi import BackgroundTasks

from app.auth import sessions
from app.auth.context import Context
from app.auth.models import User
from app.auth.permissions import Auth
from app.auth.schemas import normal_form
from app.config import Settings, get_settings
from app.core.db import open_database, utcnow
from app.core.errors import Problem
from app.core.store import Store

DEVELOPER = "developer@example.com"


async def create_admin(email: str) -> None:
    """Make an administrator, or one of an existing user; the password comes from stdin."""
    prompt = sys.stdin.isatty()
    password = getpass("Password: ") if prompt else sys.stdin.readline().rstrip("\n")
    try:
        address = normal_form(email)
        await save_user(get_settings(), address, password, role="admin")
    except ValueError as error:
        raise SystemExit(f"create-admin: {email!r} {error}") from None
    except Problem as problem:
        reason = problem.detail or (problem.errors or [{}])[0].get("detail", problem.slug)
        raise SystemExit(f"create-admin: the password: {reason}") from None
    print(f"{address} is an administrator.")


async def seed(settings: Settings) -> None:
    """Make a signed-in user to develop with and print a request of theirs."""
    if settings.production:
        raise SystemExit("seed: APP_ENV=production has real users only")
    password = secrets.token_urlsafe(15)
    token = await save_user(settings, DEVELOPER, password, role="user")
    print(f"{DEVELOPER}, password {password}\n")
    print(f'curl -H "Authorization: Bearer {token}" {settings.public_url}/v1/items')


async def save_user(settings: Settings, email: str, password: str, *, role: str) -> str:
    """Make or overwrite a verified account; an access token for it."""
    async with open_database(settings) as database, database.sessions() as db:
        auth, store = Auth(settings), Store("")
        ctx = Context(db, settings, auth, store, BackgroundTasks(), "127.0.0.1", "command line")
        await ctx.judge(password, email=email, name=None)
        user = await ctx.user_by_email(email)
        if user is None:
            user = User(email=email)
            await ctx.add(user)
        user.role, user.verified_at, user.failed_logins = role, utcnow(), 0
        user.password_hash = await ctx.auth.hasher.hash(password)
        await sessions.end(ctx, user.id)
        session = await sessions.start(ctx, user)
        access_token, _ = await sessions.grant(ctx, session)
        await db.commit()
    return access_token
