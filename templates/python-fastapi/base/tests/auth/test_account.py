import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest
import time_machine
from starlette.requests import Request
from starlette.testclient import TestClient

from app.auth.permissions import ROLES, Permission, Principal, require
from app.auth.schemas import normal_form
from app.commands import create_admin
from app.config import get_settings
from app.core.errors import Problem
from tests.auth.helpers import PASSWORD, call, is_alive, login, mailed_token, mails, register, sign_in, verify
from tests.conftest import NewClient

OLD, NEW = "ann@example.com", "ann@new.example.com"


def test_new_account_is_active_only_once_verified(client: TestClient) -> None:
    register(client, "ann@example.com")
    token = mailed_token("ann@example.com")
    assert login(client, "ann@example.com") == 401
    assert verify(client, token, "some other password") == 401
    assert verify(client, token) == 204
    assert verify(client, token) == 401
    assert login(client, "ann@example.com") == 200


def test_answer_does_not_tell_whether_an_address_is_known(client: TestClient) -> None:
    sign_in(client, "known@example.com")
    known = call(client, "register", email="known@example.com", password=PASSWORD)
    fresh = call(client, "register", email="fresh@example.com", password=PASSWORD)
    assert (known.status_code, known.json()) == (fresh.status_code, fresh.json())
    assert list(known.headers) == list(fresh.headers)
    assert "already have an account" not in mails("fresh@example.com")[-1]
    assert "token=" not in mails("known@example.com")[-1]


def test_stranger_registering_first_does_not_get_the_account(client: TestClient) -> None:
    register(client, "vera@example.com", "password of the stranger")
    first = mailed_token("vera@example.com")
    register(client, "vera@example.com", "password of the owner")
    second = mailed_token("vera@example.com")
    assert verify(client, first, "password of the owner") == 401
    assert verify(client, first, "password of the stranger") == 401
    assert verify(client, second, "password of the stranger") == 401
    assert verify(client, second, "password of the owner") == 204
    assert login(client, "vera@example.com", "password of the stranger") == 401
    assert login(client, "vera@example.com", "password of the owner") == 200


def test_password_may_be_chosen_when_verifying_once(client: TestClient) -> None:
    register(client, OLD, None)
    token, passwords = mailed_token(OLD), [f"{PASSWORD} {number}" for number in range(4)]
    assert verify(client, token, "too short") == 422
    with ThreadPoolExecutor(4) as threads:
        statuses = list(threads.map(lambda password: verify(client, token, password), passwords))
    assert sorted(statuses) == [204, 401, 401, 401]
    winner = passwords[statuses.index(204)]
    assert login(client, OLD, winner) == 200
    assert 200 not in [login(client, OLD, other) for other in passwords if other != winner]


def test_link_ends_with_a_newer_one_and_after_an_hour(client: TestClient) -> None:
    register(client, "ann@example.com")
    old = mailed_token("ann@example.com")
    for address in ("ann@example.com", "nobody@example.com"):
        answer = call(client, "verify-email/resend", email=address)
        assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
    assert mails("nobody@example.com") == []
    assert verify(client, old) == 401
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)):
        assert verify(client, mailed_token("ann@example.com")) == 401
    assert verify(client, mailed_token("ann@example.com")) == 204


@pytest.mark.parametrize(
    "address", ["Foo@Ex.test", " foo@EX.test", "\uff46oo@ex.test", "\u24d5oo@ex.test", "foo@\uff45x.test"]
)
def test_spellings_of_one_address(address: str) -> None:
    assert normal_form(address) == "foo@ex.test"


@pytest.mark.parametrize(
    "address",
    [
        "a@example.com,b@example.com",
        "a@example.com\r\nBcc: b@example.com",
        "Ann <ann@example.com>",
        '"a b"@example.com',
        "ann@localhost",
        "ann@example",
        "ann@test",
        "ann@example.com.",
        "ann@[127.0.0.1]",
        "ann.@example.com",
        "ann",
        f"{'a' * 65}@example.com",
        f"a@{'b.' * 130}com",
    ],
)
def test_bad_address_is_refused(client: TestClient, address: str) -> None:
    answer = call(client, "register", email=address, password=PASSWORD)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/email"


def test_name_is_text_in_the_mail(client: TestClient) -> None:
    name = "{{7*7}}${7*7}<b>{link}"
    assert call(client, "register", email="ann@example.com", password=PASSWORD, name=name).status_code == 202
    assert mails("ann@example.com")[-1].startswith(f"Hello {name},")


@pytest.mark.parametrize("member", ["role", "is_admin", "verified_at", "id"])
def test_privileges_cannot_be_registered(client: TestClient, member: str) -> None:
    answer = call(client, "register", email="ann@example.com", password=PASSWORD, **{member: "admin"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"/{member}"


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
    assert client.delete(url, headers=session.headers).status_code == 204
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
    assert client.post("/v1/me/email/confirm", headers=session.headers, json=token).status_code == 409
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


def test_create_admin(new_client: NewClient, monkeypatch: pytest.MonkeyPatch) -> None:
    get_settings.cache_clear()

    def create(address: str, password: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        asyncio.run(create_admin(address))

    for address, password in ((OLD, "short"), ("nobody", PASSWORD)):
        with pytest.raises(SystemExit, match="create-admin: "):
            create(address, password)
    with new_client(lockout_ceiling=1) as client:
        create(OLD, PASSWORD)
        assert call(client, "login", email=OLD, password=PASSWORD).json()["user"]["role"] == "admin"
        assert [login(client, OLD, "wrong"), login(client, OLD)] == [401, 401]
        create(OLD, PASSWORD)
        assert login(client, OLD) == 200
