import hashlib
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import get_ident

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from django.core.exceptions import ValidationError

from apps.accounts import guessing
from apps.accounts.models import User
from apps.accounts.passwords import CORES, BoundedArgon2Hasher, BreachValidator, judge
from core.problem import Problem
from tests.accounts.helpers import PASSWORD, is_alive, login, mailed_token, mails, refresh, sign_in
from tests.support import Api

COMMON = (settings.ASSETS / "passwords.txt").read_text("utf-8").splitlines()


def refusal(password: str, email: str = "ann.smith@example.com") -> str | None:
    """Why a password cannot be used."""
    try:
        judge(password, User(email=email))
    except Problem as problem:
        return problem.detail or (problem.errors or [{}])[0]["detail"]
    return None


@pytest.mark.parametrize("length", [15, 64, 128])
@pytest.mark.parametrize("char", ["x", "5", " ", "é", "🦊"])
def test_length_counts_characters_and_nothing_else_matters(char: str, length: int) -> None:
    assert refusal("qwv zkx " * 2 + char * (length - 16)) is None or length == 15
    assert refusal(char * 14) == "must have at least 15 characters"
    assert refusal(char * 129) == "must have at most 128 characters"


def test_common_passwords_are_blocked_in_any_case() -> None:
    long_enough = [entry for entry in COMMON if 15 <= len(entry) <= 128]
    assert len(long_enough) >= 3_000
    for entry in long_enough[:: len(long_enough) // 20]:
        assert refusal(entry)
        assert refusal(entry.upper())


@pytest.mark.parametrize(
    "password", ["localhostlocalhost", settings.TITLE + "!" * 15, "ann.smith-123456", "SMITHsmithSMITH"]
)
def test_little_more_than_known_words(password: str) -> None:
    assert refusal(password)
    assert refusal("smith rides a purple horse") is None


def test_refusal_names_the_member_and_the_reason(client: Api) -> None:
    body = {"email": "ann@example.com", "password": COMMON[0]}
    answer = client.post("/v1/auth/register", json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/password-blocked")
    assert answer.json()["errors"][0]["pointer"] == "/password"


def test_passwords_are_compared_exactly(client: Api) -> None:
    password = "Ab " * 33 + "x"
    sign_in(client, "ann@example.com", password)
    for other in (password[:72], password[:-1] + "y", password.lower(), password.strip() + " "):
        assert login(client, "ann@example.com", other) == 401
    assert login(client, "ann@example.com", password) == 200


def test_same_characters_typed_elsewhere_match(client: Api) -> None:
    password = unicodedata.normalize("NFD", "crème brûlée à gogo")
    sign_in(client, "ann@example.com", password)
    assert login(client, "ann@example.com", unicodedata.normalize("NFC", password)) == 200


def test_hashes_are_argon2id_at_the_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # no cheap ones
    hashed = make_password(PASSWORD)
    assert hashed.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password(PASSWORD, hashed)


def test_older_hashes_are_renewed(client: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(client, "ann@example.com")
    monkeypatch.undo()  # no cheap ones any more
    assert login(client, "ann@example.com") == 200
    assert "t=2" in User.objects.get().password


def test_hashing_refuses_what_would_wait_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # no cheap ones
    hasher = BoundedArgon2Hasher()

    def hash_once(_: int) -> Problem | str:
        try:
            return hasher.encode(PASSWORD, "salt of some length")
        except Problem as problem:
            return problem

    with ThreadPoolExecutor(hasher.limit + 5) as threads:
        answers = list(threads.map(hash_once, range(hasher.limit + 5)))
    refused = [answer for answer in answers if isinstance(answer, Problem)]
    assert {(one.status, one.headers["Retry-After"]) for one in refused} == {(503, "1")}


def test_hashing_is_for_few_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: set[int] = set()
    encode = Argon2PasswordHasher.encode

    def note(hasher: Argon2PasswordHasher, password: str, salt: str) -> str:
        threads.add(get_ident())
        return encode(hasher, password, salt)

    monkeypatch.setattr(Argon2PasswordHasher, "encode", note)
    with ThreadPoolExecutor(CORES * 4) as server:
        assert all(server.map(make_password, [PASSWORD] * CORES * 4))
    assert 1 <= len(threads) <= CORES


def test_breached_passwords_in_a_file(tmp_path: Path) -> None:
    def sha1(text: str) -> str:
        return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest().upper()

    file = tmp_path / "hashes"
    file.write_text("".join(f"{line}:3\r\n" for line in sorted(map(sha1, map(str, range(300))))))
    validator = BreachValidator(str(file))
    for number in range(-50, 350):
        if 0 <= number < 300:
            with pytest.raises(ValidationError):
                validator.validate(str(number))
        else:
            validator.validate(str(number))


def test_change(client: Api) -> None:
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


def test_change_does_not_undo_a_reset(client: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    session, reset = sign_in(client, "ann@example.com"), make_password("only the owner knows")
    # The last step of a comparison that went well.
    monkeypatch.setattr(guessing, "forgive", lambda *_: User.objects.update(password=reset))
    body = {"current_password": PASSWORD, "new_password": "a quite different one"}
    assert client.put("/v1/me/password", headers=session.headers, json=body).status_code == 401
    assert User.objects.get().password == reset


def test_reset(client: Api) -> None:
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


def test_newer_reset_link_kills_the_older(client: Api) -> None:
    sign_in(client, "ann@example.com")
    tokens = []
    for _ in range(2):
        client.post("/v1/auth/password/forgot", json={"email": "ann@example.com"})
        tokens.append(mailed_token("ann@example.com"))
    bodies = [{"token": token, "new_password": "a quite different one"} for token in tokens]
    assert client.post("/v1/auth/password/reset", json=bodies[0]).status_code == 401
    assert client.post("/v1/auth/password/reset", json=bodies[1]).status_code == 204
