import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import time_machine
from starlette.testclient import TestClient

from tests.auth.helpers import PASSWORD, Session, call, forgot, is_alive, login, refresh, reset, sign_in, sign_up
from tests.conftest import NewClient

ADDRESS = "ann@example.com"


def test_answer_of_login(client: TestClient) -> None:
    sign_in(client, ADDRESS)
    answer = call(client, "login", email=ADDRESS, password=PASSWORD)
    assert answer.json().keys() == {"access_token", "token_type", "expires_in", "user"}
    assert answer.json()["user"].keys() == {"id", "email", "role"}
    value = answer.cookies["refresh"]
    assert len(value) >= 43
    assert value not in answer.text
    cookie = f"refresh={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=86400"
    assert answer.headers["set-cookie"] == cookie


def test_unknown_and_wrong_are_refused_alike(client: TestClient) -> None:
    sign_in(client, ADDRESS)
    addresses = (ADDRESS, "nobody@example.com", "admin")
    answers = [call(client, "login", email=address, password="wrong") for address in addresses]
    for answer in answers:
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json() | {"request_id": ""} == answers[0].json() | {"request_id": ""}


def test_login_ends_the_session_it_replaces(client: TestClient) -> None:
    old = sign_in(client, ADDRESS)
    body = {"email": ADDRESS, "password": PASSWORD}
    assert client.post("/v1/auth/login", json=body, headers=old.cookie).status_code == 200
    assert not is_alive(client, old)
    assert refresh(client, old) == 401


def test_rotation_and_reuse(new_client: NewClient) -> None:
    with new_client(refresh_grace_seconds=0) as client:
        first = sign_in(client, ADDRESS)
        second = refresh(client, first)
        assert isinstance(second, Session)
        assert second.refresh_token != first.refresh_token
        third = refresh(client, second)
        assert isinstance(third, Session)
        assert refresh(client, first) == 401
        assert refresh(client, third) == 401
        assert not is_alive(client, third)


def test_tabs_at_once_get_one_token_and_keep_the_session(client: TestClient) -> None:
    session = sign_in(client, ADDRESS)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: refresh(client, session), range(8)))
    (rotated,) = (answer for answer in answers if isinstance(answer, Session))
    assert answers.count(409) == 7
    assert refresh(client, session) == 409
    assert is_alive(client, rotated)


def test_refused_refresh_clears_the_cookie(client: TestClient) -> None:
    for cookie in ({}, {"Cookie": "refresh=garbage"}):
        answer = client.post("/v1/auth/refresh", json={}, headers=cookie)
        assert answer.status_code == 401
        assert "refresh=; " in answer.headers["set-cookie"]
        assert answer.headers["set-cookie"].endswith("Max-Age=0")


def test_idle_and_absolute_end(client: TestClient) -> None:
    start = datetime.now(UTC)
    session = sign_in(client, ADDRESS)
    with time_machine.travel(start + timedelta(hours=24, minutes=10)):
        assert refresh(client, session) == 401
    session = sign_in(client, ADDRESS)
    for day in range(1, 60):
        with time_machine.travel(start + timedelta(hours=12 * day)):
            rotated = refresh(client, session)
            assert isinstance(rotated, Session)
            session = rotated
    with time_machine.travel(start + timedelta(days=30, hours=1)):
        assert refresh(client, session) == 401


def test_logout(client: TestClient) -> None:
    session = sign_in(client, ADDRESS)
    for _ in range(2):
        answer = client.post("/v1/auth/logout", json={}, headers=session.cookie)
        assert answer.status_code == 204
        assert answer.headers["clear-site-data"] == '"cache", "storage"'
        assert answer.headers["set-cookie"].endswith("Max-Age=0")
    assert not is_alive(client, session)
    assert refresh(client, session) == 401
    other = sign_in(client, ADDRESS)
    assert client.post("/v1/auth/logout", json={}, headers=other.headers).status_code == 204
    assert refresh(client, other) == 401


def test_list_and_end(client: TestClient) -> None:
    url = "/v1/me/sessions"
    assert client.get(url).status_code == 401
    assert client.delete(url).status_code == 401
    mine, other, third = (sign_in(client, ADDRESS) for _ in range(3))
    stranger = sign_in(client, "bob@example.com")
    listed = client.get(url, headers=mine.headers).json()["items"]
    assert [one["current"] for one in listed] == [False, False, True]
    foreign = client.get(url, headers=stranger.headers).json()["items"][0]["id"]
    assert client.delete(f"{url}/{foreign}", headers=mine.headers).status_code == 404
    assert client.delete(f"{url}/{listed[0]['id']}", headers=mine.headers).status_code == 204
    assert [is_alive(client, one) for one in (mine, other, third)] == [True, True, False]
    assert client.delete(url, headers=mine.headers).status_code == 204
    assert [is_alive(client, one) for one in (mine, other, stranger)] == [True, False, True]


def test_one_session_too_many_ends_the_oldest(new_client: NewClient) -> None:
    with new_client(max_sessions=2) as client:
        oldest, *newer = (sign_in(client, ADDRESS) for _ in range(3))
        assert refresh(client, oldest) == 401
        assert all(is_alive(client, one) for one in newer)


def test_step_up(client: TestClient) -> None:
    url = "/v1/auth/reauth"
    assert client.post(url, json={"password": PASSWORD}).status_code == 401
    session = sign_in(client, ADDRESS)
    later = datetime.now(UTC) + timedelta(minutes=9)
    with time_machine.travel(later):
        refreshed = refresh(client, session)
    assert isinstance(refreshed, Session)
    with time_machine.travel(later + timedelta(minutes=2)):
        for method, path in (
            ("DELETE", "/v1/me"),
            ("PUT", "/v1/me/email"),
            ("DELETE", "/v1/me/sessions"),
            ("DELETE", "/v1/me/sessions/00000000-0000-4000-8000-000000000000"),
        ):
            body = {"new_email": "new@example.com"} if method == "PUT" else None
            answer = client.request(method, path, json=body, headers=refreshed.headers)
            assert answer.status_code == 401
            challenge = 'Bearer error="insufficient_user_authentication", max_age=600'
            assert answer.headers["www-authenticate"] == challenge
        wrong = client.post(url, json={"password": "wrong"}, headers=refreshed.headers)
        assert wrong.status_code == 401
        fresh = Session.of(client.post(url, json={"password": PASSWORD}, headers=refreshed.headers))
        assert client.delete("/v1/me/sessions", headers=fresh.headers).status_code == 204
        assert refresh(client, refreshed) == 401
        assert isinstance(refresh(client, fresh), Session)


# <% if .native %>
def test_body_transport(client: TestClient) -> None:
    cookie = sign_in(client, ADDRESS).refresh_token
    body = {"email": ADDRESS, "password": PASSWORD, "transport": "body"}
    browser = {"Origin": "http://localhost:3000"}
    assert client.post("/v1/auth/login", json=body, headers=browser).status_code == 403
    answer = client.post("/v1/auth/login", json=body)
    assert "set-cookie" not in answer.headers
    token = answer.json()["refresh_token"]
    url = "/v1/auth/refresh"
    assert client.post(url, json={"refresh_token": cookie}).status_code == 401
    assert client.post(url, json={}, headers={"Cookie": f"refresh={token}"}).status_code == 401
    answer = client.post(url, json={"refresh_token": token})
    assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)
    token = answer.json()["refresh_token"]
    assert client.post("/v1/auth/logout", json={"refresh_token": token}).status_code == 204
    assert client.post(url, json={"refresh_token": token}).status_code == 401


# <% end %>
def test_guessing_is_slowed_down_per_address(client: TestClient) -> None:
    sign_in(client, ADDRESS)
    for address in (ADDRESS, "nobody@example.com"):
        statuses = [login(client, address, "wrong") for _ in range(6)]
        assert statuses == [401] * 5 + [429]
        assert login(client, address) == 429
    time.sleep(1.1)
    assert login(client, "Ann@example.com") == 200


def test_account_is_closed_to_guesses_until_a_reset(new_client: NewClient) -> None:
    with new_client(lockout_ceiling=3) as client:
        sign_up(client, ADDRESS)
        assert [login(client, ADDRESS, "wrong") for _ in range(3)] == [401] * 3
        assert login(client, ADDRESS) == 401
        assert reset(client, forgot(client, ADDRESS), PASSWORD) == 204
        assert login(client, ADDRESS) == 200
