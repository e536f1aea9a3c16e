import asyncio
import io
from uuid import uuid4

import jwt
import pytest
from starlette.requests import Request
from starlette.testclient import TestClient
from tests.auth.helpers import is_alive, login, mailed_token, mails, sign_in

from app.auth.permissions import ROLES, Permission, Principal, require
from app.commands import create_admin
from app.config import get_settings
from app.core.errors import Problem

OLD, NEW = "ann@example.com", "ann@new.example.com"


def test_me(client: TestClient) -> None:
    url = "/v1/me"
    for method in ("GET", "PATCH", "DELETE"):
        body = {"name": "Ann"} if method == "PATCH" else None
        assert client.request(method, url, json=body).status_code == 401
    session = sign_in(client, OLD)
    me = client.get(url, headers=session.headers).json()
    assert me.keys() == {"id", "email", "role", "name", "created_at"}
    renamed = client.patch(url, headers=session.headers, json={"name": "Ann Ω"})
    assert (renamed.status_code, renamed.json()) == (200, me | {"name": "Ann Ω"})
    bad: list[dict[str, object]] = [{"role": "admin"}, {"name": "A\r\nB"}, {"name": 1}, {}]
    for wrong in bad:
        assert client.patch(url, headers=session.headers, json=wrong).status_code == 422


def test_delete(client: TestClient) -> None:
    session = sign_in(client, OLD)
    assert client.delete("/v1/me", headers=session.headers).status_code == 204
    assert not is_alive(client, session)
    assert login(client, OLD) == 401


def test_email_change(client: TestClient) -> None:
    body = {"new_email": NEW}
    assert client.put("/v1/me/email", json=body).status_code == 401
    assert client.post("/v1/me/email/confirm", json={"token": "x"}).status_code == 401
    session, stranger = sign_in(client, OLD), sign_in(client, "bob@example.com")
    assert client.put("/v1/me/email", headers=session.headers, json=body).status_code == 202
    assert "another address" in mails(OLD)[-1]
    token = {"token": mailed_token(NEW)}
    url = "/v1/me/email/confirm"
    assert (login(client, OLD), login(client, NEW)) == (200, 401)
    assert client.post(url, headers=stranger.headers, json=token).status_code == 401
    assert client.post(url, headers=session.headers, json=token).status_code == 204
    assert client.post(url, headers=session.headers, json=token).status_code == 401
    assert (login(client, OLD), login(client, NEW)) == (401, 200)
    sub = jwt.decode(session.access_token, options={"verify_signature": False})["sub"]
    assert client.get("/v1/me", headers=session.headers).json()["id"] == sub


def test_address_of_somebody_else_cannot_be_taken(client: TestClient) -> None:
    session = sign_in(client, OLD)
    body = {"new_email": NEW}
    assert client.put("/v1/me/email", headers=session.headers, json=body).status_code == 202
    token = {"token": mailed_token(NEW)}
    sign_in(client, NEW)
    answer = client.post("/v1/me/email/confirm", headers=session.headers, json=token)
    assert answer.status_code == 409
    assert client.put("/v1/me/email", headers=session.headers, json=body).status_code == 202
    assert "token=" not in mails(NEW)[-1]


def test_roles_have_only_what_is_listed() -> None:
    assert Permission.ADMINISTER not in ROLES["user"]
    assert ROLES["admin"] == set(Permission)


@pytest.mark.parametrize(("role", "allowed"), [("admin", True), ("user", False), ("?", False)])
def test_rule_asks_for_a_permission(role: str, *, allowed: bool) -> None:
    principal = Principal(uuid4(), uuid4(), role, auth_time=0)
    request = Request({"type": "http", "state": {"principal": principal}})
    rule = require(Permission.ADMINISTER)
    if allowed:
        assert asyncio.run(rule(request)) is principal
    else:
        with pytest.raises(Problem) as refused:
            asyncio.run(rule(request))
        assert refused.value.status == 403


def test_create_admin(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    get_settings.cache_clear()
    password = "only for administrators"
    for line, address in (("short", OLD), (password, "nobody")):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{line}\n"))
        with pytest.raises(SystemExit, match="create-admin: "):
            asyncio.run(create_admin(address))
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    asyncio.run(create_admin(OLD))
    body = {"email": OLD, "password": password}
    assert client.post("/v1/auth/login", json=body).json()["user"]["role"] == "admin"
