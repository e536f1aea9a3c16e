import time
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization as written
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from starlette.testclient import TestClient

from app.auth.tokens import AccessTokens, InvalidTokenError, load_keys
from tests.auth.helpers import sign_in

type PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


def pem(key: PrivateKey, lock: written.KeySerializationEncryption | None = None) -> str:
    return key.private_bytes(written.Encoding.PEM, written.PrivateFormat.PKCS8, lock or written.NoEncryption()).decode()


KEYS = load_keys(pem(ec.generate_private_key(ec.SECP256R1())) + pem(ed25519.Ed25519PrivateKey.generate()))
ISSUER = "https://api.example.com"
TOKENS = AccessTokens(KEYS, issuer=ISSUER, lifetime=600)


def issue(tokens: AccessTokens = TOKENS) -> str:
    now = int(time.time())
    return tokens.issue(user_id=uuid4(), session_id=uuid4(), auth_time=now, latest=now + 24 * 3600)


def forge(*, header: dict[str, object] | None = None, without: str = "", secret: str = "", **claims: object) -> str:
    """A token that differs from a good one in what is given; signed with the right key, or with a secret."""
    good = jwt.decode(issue(), options={"verify_signature": False})
    payload = {name: value for name, value in (good | claims).items() if name != without}
    headers = {"typ": "at+jwt", "kid": KEYS[0].kid} | (header or {})
    key, algorithm = (secret, "HS256") if secret else (KEYS[0].private, "ES256")
    return jwt.encode(payload, key, algorithm, headers=headers)


def test_shape() -> None:
    token = issue()
    header = jwt.get_unverified_header(token)
    assert header == {"typ": "at+jwt", "alg": "ES256", "kid": KEYS[0].kid}
    claims = jwt.decode(token, options={"verify_signature": False})
    required = {"iss", "aud", "sub", "iat", "nbf", "exp", "jti", "sid", "auth_time", "amr", "acr"}
    assert claims.keys() == required
    assert claims["exp"] - claims["iat"] == 600
    assert TOKENS.verify(token) == TOKENS.verify(token)
    assert TOKENS.verify(forge())


def test_earlier_key_still_verifies() -> None:
    before = AccessTokens(KEYS[1:], issuer=ISSUER, lifetime=600)
    assert jwt.get_unverified_header(issue(before))["alg"] == "EdDSA"
    assert TOKENS.verify(issue(before))
    published = TOKENS.jwks()["keys"]
    assert [key["kid"] for key in published] == [key.kid for key in KEYS]
    assert not {"d", "k", "p", "q"} & {name for key in published for name in key}


NOW = int(time.time())


@pytest.mark.parametrize(
    "token",
    [
        forge(exp=NOW - 1),
        forge(nbf=NOW + 3600),
        forge(iat=NOW + 3600),
        forge(exp=str(NOW + 500)),
        forge(exp=1e20),
        forge(exp=NOW + 24 * 3600),
        forge(iss="https://other.example"),
        forge(aud="https://other.example"),
        forge(aud=[ISSUER]),
        forge(sub="root"),
        forge(sid=None),
        *(forge(without=name) for name in ("exp", "iat", "nbf", "iss", "aud", "sub", "sid")),
        forge(header={"typ": "JWT"}),
        forge(header={"typ": None}),
        forge(header={"kid": "../../dev/null"}),
        forge(header={"kid": KEYS[1].kid}),
        forge(header={"crit": ["exp"]}),
        forge(secret=str(KEYS[0].public_jwk["x"])),  # public, so no shared secret
        issue()[:-8] + "AAAAAAAA",
        issue().rpartition(".")[0] + ".",
        issue() + "." + "A" * 5_000,
        jwt.encode({"sub": str(uuid4())}, "", "none", headers={"kid": KEYS[0].kid}),
        "a.b.c",
        "",
    ],
)
def test_refused(token: str) -> None:
    with pytest.raises(InvalidTokenError):
        TOKENS.verify(token)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (pem(ec.generate_private_key(ec.SECP384R1())), "P-256"),
        (pem(rsa.generate_private_key(65537, 2048)), "P-256"),
        (pem(ec.generate_private_key(ec.SECP256R1()), written.BestAvailableEncryption(b"x")), "encrypted"),
    ],
)
def test_other_kinds_of_keys_are_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        load_keys(text)


def test_where_a_token_counts(client: TestClient) -> None:
    session = sign_in(client, "ann@example.com")
    token = session.access_token
    url = "/v1/me"
    nothing = client.get(url)
    assert (nothing.status_code, nothing.headers["www-authenticate"]) == (401, "Bearer")
    bad = client.get(url, headers={"Authorization": "Bearer bad"})
    assert bad.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert client.get(url, headers={"Authorization": f"bearer {token}"}).status_code == 200
    for headers in (
        [("Authorization", f"Basic {token}")],
        [("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}")],
        [("Authorization", f"Bearer {session.refresh_token}")],
        [("Cookie", f"refresh={session.refresh_token}")],
        [("Cookie", f"access_token={token}")],
    ):
        assert client.get(url, headers=headers).status_code == 401
