from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from starlette.testclient import TestClient
from tests.auth.helpers import PASSWORD, login, mailed_token, mails, register, sign_in, verify

from app.auth.schemas import normal_form


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
    body = {"password": PASSWORD}
    known = client.post("/v1/auth/register", json={"email": "known@example.com", **body})
    fresh = client.post("/v1/auth/register", json={"email": "fresh@example.com", **body})
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


def test_password_may_be_chosen_when_verifying(client: TestClient) -> None:
    register(client, "late@example.com", None)
    token = mailed_token("late@example.com")
    assert verify(client, token, "too short") == 422
    assert verify(client, token) == 204
    assert login(client, "late@example.com") == 200


def test_resend_kills_the_older_link(client: TestClient) -> None:
    register(client, "ann@example.com")
    old = mailed_token("ann@example.com")
    for address in ("ann@example.com", "nobody@example.com"):
        answer = client.post("/v1/auth/verify-email/resend", json={"email": address})
        assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
    assert mails("nobody@example.com") == []
    assert verify(client, old) == 401
    assert verify(client, mailed_token("ann@example.com")) == 204


def test_link_expires(client: TestClient) -> None:
    register(client, "ann@example.com")
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)):
        assert verify(client, mailed_token("ann@example.com")) == 401


@pytest.mark.parametrize(
    "address",
    ["Foo@Ex.test", " foo@EX.test", "\uff46oo@ex.test", "\u24d5oo@ex.test", "foo@\uff45x.test"],
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
    answer = client.post("/v1/auth/register", json={"email": address, "password": PASSWORD})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/email"


def test_name_is_text_in_the_mail(client: TestClient) -> None:
    name = "{{7*7}}${7*7}<b>{link}"
    body = {"email": "ann@example.com", "password": PASSWORD, "name": name}
    assert client.post("/v1/auth/register", json=body).status_code == 202
    assert mails("ann@example.com")[-1].startswith(f"Hello {name},")


@pytest.mark.parametrize("member", ["role", "is_admin", "verified_at", "id"])
def test_privileges_cannot_be_registered(client: TestClient, member: str) -> None:
    body = {"email": "ann@example.com", "password": PASSWORD, member: "admin"}
    answer = client.post("/v1/auth/register", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"/{member}"
