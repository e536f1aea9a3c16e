"""Idempotency-Key: a POST that is sent again gives the first answer again.

One row for each (user, method, path, key), kept for a day. It is written in the transaction
of what it answers: both are stored or neither, and a call that comes meanwhile waits for it.
Only success is kept; a refusal may be retried.
"""

import hashlib
import re
from datetime import datetime, timedelta

from sqlalchemy import JSON, LargeBinary, String, delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.db import ANSWER_TOO, Base, UtcDateTime, utcnow
from app.core.errors import Problem
from app.core.requests import replay

KEY = re.compile(r'"?([A-Za-z0-9_-]{8,64})"?')
LIFETIME = timedelta(hours=24)


class IdempotentCall(Base):
    __tablename__ = "idempotent_calls"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    headers: Mapped[list[list[str]] | None] = mapped_column(JSON)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, index=True)


class Idempotency:
    """Pure ASGI middleware; the gate has authenticated the caller and read the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        applies = scope["type"] == "http" and scope["method"] == "POST" and not scope["path"].startswith("/v1/auth/")
        given = Headers(scope=scope).get("idempotency-key") if applies else None
        if given is None:
            await self._app(scope, receive, send)
            return
        body: bytes = (await receive())["body"]
        session: AsyncSession = scope["state"]["session"]
        call = IdempotentCall(id=_call_id(scope, given), body_hash=_sha256(body))
        if (first := await _first_answer(session, call)) is not None:
            await first(scope, receive, send)
            return
        session.info[ANSWER_TOO] = True
        answer: list[Message] = []

        async def hold(message: Message) -> None:
            answer.append(message)
            if message["type"] != "http.response.body" or message.get("more_body", False):
                return
            if 200 <= answer[0]["status"] < 300:
                call.status = answer[0]["status"]
                call.headers = [[name.decode(), value.decode("latin-1")] for name, value in answer[0]["headers"]]
                call.body = b"".join(message.get("body", b"") for message in answer[1:])
                await session.commit()
            await session.close()
            for held in answer:
                await send(held)

        # What the handler left to do in the background comes after all that.
        await self._app(scope, replay(body, receive), hold)


async def _first_answer(session: AsyncSession, call: IdempotentCall) -> Response | None:
    """The answer of the first call, or None: this is it."""
    # A row without an answer is left where a refusal kept its changes.
    unanswered = (IdempotentCall.id == call.id) & IdempotentCall.status.is_(None)
    old = IdempotentCall.created_at < utcnow() - LIFETIME
    await session.execute(delete(IdempotentCall).where(old | unanswered))
    session.add(call)
    try:
        await session.flush()
    except IntegrityError:
        await session.rollback()
    else:
        return None
    found = await session.get(IdempotentCall, call.id)
    if found is not None and found.body_hash != call.body_hash:
        raise Problem(422, "idempotency-mismatch")
    if found is None or found.status is None:
        raise Problem(409, "conflict", "The first request with this key is still running")
    response = Response(found.body, found.status)
    kept = [(name.encode(), value.encode("latin-1")) for name, value in found.headers or ()]
    response.raw_headers = [*kept, (b"idempotent-replayed", b"true")]
    return response


def _call_id(scope: Scope, given: str) -> str:
    key = KEY.fullmatch(given)
    if key is None or given.startswith('"') != given.endswith('"'):
        raise Problem(400, "bad-request", "Idempotency-Key is not 8 to 64 of A-Z a-z 0-9 _ -")
    user = scope["state"].get("user_key", "anybody")
    return _sha256("\0".join((user, scope["method"], scope["path"], key[1])).encode())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
