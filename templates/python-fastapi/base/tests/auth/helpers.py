"""Accounts for tests, made the way a person makes them."""

import asyncio
import email
import email.policy
import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from app.commands import save_user

PASSWORD = "violet umbrella parade"
OTHER = "a quite different one"


def mails(to: str) -> list[str]:
    """The texts mailed to an address, oldest first; the test runs in a folder of its own."""
    files = sorted(Path("var/mail").glob("*.eml"))
    messages = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
    return [message.get_content() for message in messages if message["To"] == to]


def mailed_token(to: str) -> str:
    found = re.search(r"#token=([\w-]{43})", mails(to)[-1])
    assert found
    return found[1]


def call(client: TestClient, path: str, **members: str | None) -> Response:
    """POST these members to an operation under /v1/auth."""
    body = {name: value for name, value in members.items() if value is not None}
    return client.post(f"/v1/auth/{path}", json=body)


def register(client: TestClient, address: str, password: str | None = PASSWORD) -> None:
    answer = call(client, "register", email=address, password=password)
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})


def verify(client: TestClient, token: str, password: str = PASSWORD) -> int:
    return call(client, "verify-email", token=token, password=password).status_code


def login(client: TestClient, address: str, password: str = PASSWORD) -> int:
    return call(client, "login", email=address, password=password).status_code


def forgot(client: TestClient, address: str) -> str:
    """The token of a mail to set a new password."""
    assert call(client, "password/forgot", email=address).status_code == 202
    return mailed_token(address)


def reset(client: TestClient, token: str, password: str = OTHER) -> int:
    return call(client, "password/reset", token=token, new_password=password).status_code


@dataclass(frozen=True)
class Session:
    access_token: str
    refresh_token: str

    @classmethod
    def of(cls, answer: Response) -> "Session":
        assert answer.status_code == 200
        return cls(answer.json()["access_token"], answer.cookies["refresh"])

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access_token}"}

    @property
    def cookie(self) -> dict[str, str]:
        return {"Cookie": f"refresh={self.refresh_token}"}


def sign_up(client: TestClient, address: str, password: str = PASSWORD) -> None:
    register(client, address, password)
    assert verify(client, mailed_token(address), password) == 204


def sign_in(client: TestClient, address: str, password: str = PASSWORD) -> Session:
    """A session of the address, which gets an account if it has none."""
    answer = call(client, "login", email=address, password=password)
    if answer.status_code == 401:
        sign_up(client, address, password)
        answer = call(client, "login", email=address, password=password)
    return Session.of(answer)


def refresh(client: TestClient, session: Session) -> Session | int:
    """Rotate; the new session or the status that refused."""
    answer = client.post("/v1/auth/refresh", json={}, headers=session.cookie)
    return Session.of(answer) if answer.is_success else answer.status_code


def is_alive(client: TestClient, session: Session) -> bool:
    return client.get("/v1/me", headers=session.headers).status_code == 200


def authorization(client: TestClient, address: str) -> dict[str, str]:
    """What signs a request in, without the way a person goes."""
    settings = cast("FastAPI", client.app).state.settings
    token = asyncio.run(save_user(settings, address, PASSWORD, role="user"))
    return {"Authorization": f"Bearer {token}"}
