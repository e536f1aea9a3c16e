import asyncio
import hashlib
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from starlette.testclient import TestClient

from app.auth.passwords import BLOCKLIST, Hasher, PasswordPolicy, is_breached
from app.core.errors import Problem
from tests.auth.helpers import PASSWORD, is_alive, login, mailed_token, mails, refresh, sign_in

POLICY = PasswordPolicy(15, words=["corner-shop", "api.example.com"])
COMMON = BLOCKLIST.read_text("utf-8").splitlines()


@pytest.mark.parametrize("length", [15, 64, 128])
@pytest.mark.parametrize("char", ["x", "5", " ", "é", "🦊"])
def test_length_counts_characters_and_nothing_else_matters(char: str, length: int) -> None:
    assert POLICY.length_error(char * length) is None
    assert POLICY.length_error(char * 14) == "must have at least 15 characters"
    assert POLICY.length_error(char * 129) == "must have at most 128 characters"
    assert POLICY.weakness("qwv zkx " + char * length, personal=[]) is None


def test_common_passwords_are_blocked_in_any_case() -> None:
    assert len([entry for entry in COMMON if len(entry) >= 15]) >= 3_000
    for entry in COMMON[:: len(COMMON) // 20]:
        assert POLICY.weakness(entry, personal=[])
        assert POLICY.weakness(entry.upper(), personal=[])


@pytest.mark.parametrize(
    "password", ["cornercornercorner", "Corner-Shop!!!!!", "ann.smith-123456", "SMITHsmithSMITH", "examplexample123"]
)
def test_little_more_than_known_words(password: str) -> None:
    assert POLICY.weakness(password, personal=["ann.smith"])


def test_known_words_in_a_longer_phrase_are_fine() -> None:
    assert POLICY.weakness("smith rides a purple horse", personal=["ann.smith"]) is None


def test_refusal_names_the_member_and_the_reason(client: TestClient) -> None:
    body = {"email": "ann@example.com", "password": COMMON[0]}
    answer = client.post("/v1/auth/register", json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/password-blocked")
    assert answer.json()["errors"][0]["pointer"] == "/password"


def test_passwords_are_compared_exactly(client: TestClient) -> None:
    password = "Ab " * 33 + "x"
    sign_in(client, "ann@example.com", password)
    for other in (password[:72], password[:-1] + "y", password.lower(), password.strip() + " "):
        assert login(client, "ann@example.com", other) == 401
    assert login(client, "ann@example.com", password) == 200


def test_same_characters_typed_elsewhere_match(client: TestClient) -> None:
    password = unicodedata.normalize("NFD", "crème brûlée à gogo")
    sign_in(client, "ann@example.com", password)
    assert login(client, "ann@example.com", unicodedata.normalize("NFC", password)) == 200


def test_hashes_are_argon2id_at_the_floor() -> None:
    hasher = Hasher()
    hashed = asyncio.run(hasher.hash(PASSWORD))
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not hasher.is_outdated(hashed)
    assert hasher.is_outdated(hashed.replace("t=2", "t=1"))


def test_hashing_refuses_what_would_wait_too_long() -> None:
    async def flood() -> list[str | BaseException]:
        hasher = Hasher()
        tries = (hasher.hash(PASSWORD) for _ in range(hasher.limit + 5))
        return await asyncio.gather(*tries, return_exceptions=True)

    refused = [answer for answer in asyncio.run(flood()) if isinstance(answer, Problem)]
    assert [(one.status, one.headers) for one in refused] == [(503, {"Retry-After": "1"})] * 5


def test_breached_passwords_in_a_file(tmp_path: Path) -> None:
    def sha1(text: str) -> str:
        return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest().upper()

    file = tmp_path / "hashes"
    file.write_text("".join(f"{line}:3\r\n" for line in sorted(map(sha1, map(str, range(300))))))
    for number in range(-50, 350):
        found = is_breached(str(number), file)
        assert found == (0 <= number < 300)


def test_change(client: TestClient) -> None:
    url, new = "/v1/me/password", "a quite different one"
    assert client.put(url, json={}).status_code == 401
    here, there = sign_in(client, "ann@example.com"), sign_in(client, "ann@example.com")
    assert client.put(url, headers=here.headers, json={"new_password": new}).status_code == 422
    body = {"current_password": "not the right one", "new_password": new}
    assert client.put(url, headers=here.headers, json=body).status_code == 403
    body = {"current_password": PASSWORD, "new_password": new}
    assert client.put(url, headers=here.headers, json=body).status_code == 204
    assert is_alive(client, here)
    assert not is_alive(client, there)
    assert login(client, "ann@example.com") == 401
    assert login(client, "ann@example.com", new) == 200
    assert "was changed" in mails("ann@example.com")[-1]


def test_reset(client: TestClient) -> None:
    before = sign_in(client, "ann@example.com")
    for address in ("ann@example.com", "nobody@example.com"):
        answer = client.post("/v1/auth/password/forgot", json={"email": address})
        assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
    assert mails("nobody@example.com") == []
    token = mailed_token("ann@example.com")

    def reset(password: str) -> int:
        body = {"token": token, "new_password": password}
        return client.post("/v1/auth/password/reset", json=body).status_code

    assert reset("too short") == 422
    assert reset("a quite different one") == 204
    assert reset("yet another password") == 401
    assert not is_alive(client, before)
    assert refresh(client, before) == 401
    assert login(client, "ann@example.com", "a quite different one") == 200


def test_sign_in_that_a_reset_overtakes(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(client, "ann@example.com")
    client.post("/v1/auth/password/forgot", json={"email": "ann@example.com"})
    body = {"token": mailed_token("ann@example.com"), "new_password": "a quite different one"}
    compared, changed = Event(), Event()
    verify = Hasher.verify

    async def slow(hasher: Hasher, password: str, password_hash: str | None) -> bool:
        right = await verify(hasher, password, password_hash)
        compared.set()
        await asyncio.to_thread(changed.wait, 10)
        return right

    monkeypatch.setattr(Hasher, "verify", slow)
    with ThreadPoolExecutor(1) as other:
        status = other.submit(login, client, "ann@example.com")
        assert compared.wait(10)
        assert client.post("/v1/auth/password/reset", json=body).status_code == 204
        changed.set()
        assert status.result() == 401


def test_newer_reset_link_kills_the_older(client: TestClient) -> None:
    sign_in(client, "ann@example.com")
    tokens = []
    for _ in range(2):
        client.post("/v1/auth/password/forgot", json={"email": "ann@example.com"})
        tokens.append(mailed_token("ann@example.com"))
    bodies = [{"token": token, "new_password": "a quite different one"} for token in tokens]
    assert client.post("/v1/auth/password/reset", json=bodies[0]).status_code == 401
    assert client.post("/v1/auth/password/reset", json=bodies[1]).status_code == 204
