"""Accounts for tests, made the way a person makes them."""

import asyncio
import email
import email.policy
import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from fastapi import FastAPI
from starlette.testclient import TestClient

from app.commands import save_user

PASSWORD = "violet umbrella parade"


def mails(to: str) -> list[str]:
    """The texts mailed to an address, oldest first; the test runs in a folder of its own."""
    files = sorted(Path("var/mail").glob("*.eml"))
    messages = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
    return [message.get_content() for message in messages if message["To"] == to]


def mailed_token(to: str) -> str:
    found = re.search(r"#token=([\w-]{43})", mails(to)[-1])
    assert found
    return found[1]


def register(client: TestClient, address: str, password: str | None = PASSWORD) -> None:
    body = {"email": address} | ({"password": password} if password else {})
    answer = client.post("/v1/auth/register", json=body)
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})


def verify(client: TestClient, token: str, password: str = PASSWORD) -> int:
    body = {"token": token, "password": password}
    return client.post("/v1/auth/verify-email", json=body).status_code


def login(client: TestClient, address: str, password: str = PASSWORD) -> int:
    """The status; no cookie stays behind."""
    body = {"email": address, "password": password}
    status = client.post("/v1/auth/login", json=body).status_code
    client.cookies.clear()
    return status


@dataclass(frozen=True)
class Session:
    access_token: str
    refresh_token: str

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
    body = {"email": address, "password": password}
    answer = client.post("/v1/auth/login", json=body)
    if answer.status_code == 401:
        sign_up(client, address, password)
        answer = client.post("/v1/auth/login", json=body)
    assert answer.status_code == 200
    session = Session(answer.json()["access_token"], client.cookies["refresh"])
    client.cookies.clear()
    return session


def refresh(client: TestClient, session: Session) -> Session | int:
    """Rotate; the new session or the status that refused."""
    answer = client.post("/v1/auth/refresh", json={}, headers=session.cookie)
    value = client.cookies.get("refresh") or ""
    client.cookies.clear()
    if not answer.is_success:
        return answer.status_code
    return Session(answer.json()["access_token"], value)


def is_alive(client: TestClient, session: Session) -> bool:
    return client.get("/v1/me", headers=session.headers).status_code == 200


def authorization(client: TestClient, address: str) -> dict[str, str]:
    """What signs a request in, without the way a person goes."""
    settings = cast("FastAPI", client.app).state.settings
    token = asyncio.run(save_user(settings, address, PASSWORD, role="user"))
    return {"Authorization": f"Bearer {token}"}
