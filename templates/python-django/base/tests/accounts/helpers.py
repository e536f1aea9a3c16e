"""Accounts for tests, made the way a person makes them."""

import re
from dataclasses import dataclass

from django.core import mail

from apps.accounts.services import save_user
from tests.support import Answer, Api

PASSWORD = "violet umbrella parade"


def mails(to: str) -> list[str]:
    """The texts mailed to an address, oldest first."""
    return [str(message.body) for message in mail.outbox if message.to == [to]]


def mailed_token(to: str) -> str:
    found = re.search(r"#token=([\w-]{43})", mails(to)[-1])
    assert found
    return found[1]


def register(client: Api, address: str, password: str | None = PASSWORD) -> None:
    body = {"email": address} | ({"password": password} if password else {})
    answer = client.post("/v1/auth/register", json=body)
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})


def verify(client: Api, token: str, password: str = PASSWORD) -> int:
    body = {"token": token, "password": password}
    return client.post("/v1/auth/verify-email", json=body).status_code


def login(client: Api, address: str, password: str = PASSWORD) -> int:
    body = {"email": address, "password": password}
    return client.post("/v1/auth/login", json=body).status_code


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


def session_of(answer: Answer) -> Session:
    cookie = re.match(r"refresh=([\w-]+);", answer.headers["Set-Cookie"])
    assert cookie
    return Session(answer.json()["access_token"], cookie[1])


def sign_up(client: Api, address: str, password: str = PASSWORD) -> None:
    register(client, address, password)
    assert verify(client, mailed_token(address), password) == 204


def sign_in(client: Api, address: str, password: str = PASSWORD) -> Session:
    """A session of the address, which gets an account if it has none."""
    body = {"email": address, "password": password}
    answer = client.post("/v1/auth/login", json=body)
    if answer.status_code == 401:
        sign_up(client, address, password)
        answer = client.post("/v1/auth/login", json=body)
    assert answer.status_code == 200
    return session_of(answer)


def refresh(client: Api, session: Session) -> Session | int:
    """Rotate; the new session or the status that refused."""
    answer = client.post("/v1/auth/refresh", json={}, headers=session.cookie)
    return session_of(answer) if answer.status_code == 200 else answer.status_code


def is_alive(client: Api, session: Session) -> bool:
    return client.get("/v1/me", headers=session.headers).status_code == 200


def authorization(address: str) -> dict[str, str]:
    """What signs a request in, without the way a person goes."""
    return {"Authorization": f"Bearer {save_user(address, PASSWORD, role='user')}"}
