import asyncio
import hashlib
import unicodedata
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.auth.passwords import BLOCKLIST, Hasher, PasswordPolicy, is_breached
from app.core.errors import Problem
from tests.auth.helpers import OTHER, PASSWORD, call, forgot, is_alive, login, mails, refresh, reset, sign_in

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
    assert POLICY.weakness("smith rides a purple horse", personal=["ann.smith"]) is None


def test_refusal_names_the_member_and_the_reason(client: TestClient) -> None:
    answer = call(client, "register", email="ann@example.com", password=COMMON[0])
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
    url, new = "/v1/me/password", OTHER
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
        answer = call(client, "password/forgot", email=address)
        assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
    assert mails("nobody@example.com") == []
    older, token = (forgot(client, "ann@example.com") for _ in range(2))
    assert reset(client, older) == 401
    assert reset(client, token, "too short") == 422
    assert reset(client, token) == 204
    assert reset(client, token, "yet another password") == 401
    assert not is_alive(client, before)
    assert refresh(client, before) == 401
    assert login(client, "ann@example.com", OTHER) == 200


def test_sign_in_that_a_reset_overtakes(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(client, "ann@example.com")
    token, verify = forgot(client, "ann@example.com"), Hasher.verify

    async def overtaken(hasher: Hasher, password: str, password_hash: str | None) -> bool:
        right = await verify(hasher, password, password_hash)
        assert await asyncio.to_thread(reset, client, token) == 204
        return right

    monkeypatch.setattr(Hasher, "verify", overtaken)
    assert login(client, "ann@example.com") == 401
