"""Idempotency-Key: a POST that is sent again gives the first answer again.

One row for each (user, method, path, key), kept for a day: reserved before the handler
runs, filled with its answer afterwards. Only success is kept; a refusal may be retried.
"""

import hashlib
import re
from datetime import datetime, timedelta

from sqlalchemy import JSON, LargeBinary, String, delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.db import Base, Database, UtcDateTime, utcnow
from app.core.errors import Problem
from app.core.requests import replay

KEY = re.compile(r'"?([A-Za-z0-9_-]{8,64})"?')
LIFETIME = timedelta(hours=24)
# A reservation this old belongs to a process that died.
ABANDONED = timedelta(minutes=1)


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
        posts = scope["type"] == "http" and scope["method"] == "POST"
        given = Headers(scope=scope).get("idempotency-key") if posts else None
        if given is None or scope["method"] != "POST" or scope["path"].startswith("/v1/auth/"):
            await self._app(scope, receive, send)
            return
        body: bytes = (await receive())["body"]
        calls = Calls(scope["app"].state.db, _call_id(scope, given), _sha256(body))
        if (first := await calls.reserve()) is not None:
            await first(scope, receive, send)
            return
        answer = Recorder()
        try:
            await self._app(scope, replay(body, receive), answer.send)
        finally:
            await calls.finish(answer)
        await answer.replay(send)


class Recorder:
    """Holds an answer back until it is stored."""

    def __init__(self) -> None:
        self._messages: list[Message] = []

    async def send(self, message: Message) -> None:
        self._messages.append(message)

    async def replay(self, send: Send) -> None:
        for message in self._messages:
            await send(message)

    @property
    def succeeded(self) -> bool:
        return bool(self._messages) and 200 <= self.status < 300

    @property
    def status(self) -> int:
        return int(self._messages[0]["status"])

    @property
    def headers(self) -> list[list[str]]:
        fields = self._messages[0]["headers"]
        return [[key.decode(), value.decode("latin-1")] for key, value in fields]

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self._messages[1:])


class Calls:
    """The stored side of one call; each step is a transaction of its own."""

    def __init__(self, database: Database, call_id: str, body_hash: str) -> None:
        self._sessions = database.sessions
        self._id = call_id
        self._body_hash = body_hash

    async def reserve(self) -> Response | None:
        """None: this is the first call. Else the answer of the first one."""
        async with self._sessions() as session:
            old = IdempotentCall.created_at < utcnow() - LIFETIME
            abandoned = IdempotentCall.created_at < utcnow() - ABANDONED
            unanswered = (IdempotentCall.id == self._id) & IdempotentCall.status.is_(None)
            await session.execute(delete(IdempotentCall).where(old | (unanswered & abandoned)))
            session.add(IdempotentCall(id=self._id, body_hash=self._body_hash))
            try:
                await session.commit()
            except IntegrityError:
                await session.rollback()
                found = await session.get(IdempotentCall, self._id)
                return self._again(found)
        return None

    def _again(self, call: IdempotentCall | None) -> Response:
        if call is not None and call.body_hash != self._body_hash:
            raise Problem(422, "idempotency-mismatch")
        if call is None or call.status is None:
            raise Problem(409, "conflict", "The first request with this key is still running")
        response = Response(call.body, call.status)
        response.raw_headers = [
            *[(key.encode(), value.encode("latin-1")) for key, value in call.headers or ()],
            (b"idempotent-replayed", b"true"),
        ]
        return response

    async def finish(self, answer: Recorder) -> None:
        mine = IdempotentCall.id == self._id
        async with self._sessions() as session:
            if answer.succeeded:
                stored = {"status": answer.status, "headers": answer.headers, "body": answer.body}
                await session.execute(update(IdempotentCall).where(mine).values(**stored))
            else:
                await session.execute(delete(IdempotentCall).where(mine))
            await session.commit()


def _call_id(scope: Scope, given: str) -> str:
    key = KEY.fullmatch(given)
    if key is None or given.startswith('"') != given.endswith('"'):
        raise Problem(400, "bad-request", "Idempotency-Key is not 8 to 64 of A-Z a-z 0-9 _ -")
    user = scope["state"].get("user_key", "anybody")
    return _sha256("\0".join((user, scope["method"], scope["path"], key[1])).encode())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
