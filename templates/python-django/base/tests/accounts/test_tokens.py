import time
from collections.abc import Callable
from functools import partial
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pytest_django import Settings

from apps.accounts import tokens
from apps.accounts.tokens import InvalidTokenError, load_keys, verify
from tests.accounts.helpers import sign_in
from tests.support import Api

type PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


def pem(key: PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


CURRENT, EARLIER = pem(ec.generate_private_key(ec.SECP256R1())), pem(ed25519.Ed25519PrivateKey.generate())
KEY, OTHER = load_keys(CURRENT + EARLIER).values()
ISSUER = "https://api.example.com"
NOW = int(time.time())


@pytest.fixture(autouse=True)
def keys(settings: Settings) -> Settings:
    settings.JWT_PRIVATE_KEYS = CURRENT + EARLIER
    settings.PUBLIC_URL = ISSUER
    return settings


def issue() -> str:
    return tokens.issue(user_id=uuid4(), session_id=uuid4(), auth_time=NOW, latest=NOW + 24 * 3600)


def forge(*, header: dict[str, object] | None = None, without: str = "", secret: str = "", **claims: object) -> str:
    """A token, signed with the right key if no other is given, that differs from a good one in what is given."""
    good = jwt.decode(issue(), options={"verify_signature": False})
    payload = {name: value for name, value in (good | claims).items() if name != without}
    headers = {"typ": "at+jwt", "kid": KEY.kid} | (header or {})
    return jwt.encode(payload, secret or KEY.private, "HS256" if secret else "ES256", headers=headers)


def test_shape() -> None:
    token = issue()
    header = jwt.get_unverified_header(token)
    assert header == {"typ": "at+jwt", "alg": "ES256", "kid": KEY.kid}
    claims = jwt.decode(token, options={"verify_signature": False})
    required = {"iss", "aud", "sub", "iat", "nbf", "exp", "jti", "sid", "auth_time", "amr", "acr"}
    assert claims.keys() == required
    assert claims["exp"] - claims["iat"] == 600
    assert verify(token) == verify(token)


def test_earlier_key_still_verifies(client: Api, keys: Settings) -> None:
    keys.JWT_PRIVATE_KEYS = EARLIER
    token = issue()
    assert jwt.get_unverified_header(token)["alg"] == "EdDSA"
    keys.JWT_PRIVATE_KEYS = CURRENT + EARLIER
    assert verify(token)
    published = client.get("/.well-known/jwks.json").json()["keys"]
    assert [key["kid"] for key in published] == [KEY.kid, OTHER.kid]
    assert not {"d", "k", "p", "q"} & {name for key in published for name in key}


def test_forged_with_nothing_changed_is_good() -> None:
    assert verify(forge())


@pytest.mark.parametrize(
    "make",
    [
        lambda: forge(exp=NOW - 1),
        lambda: forge(nbf=NOW + 3600),
        lambda: forge(iat=NOW + 3600),
        lambda: forge(exp=str(NOW + 500)),
        lambda: forge(exp=1e20),
        lambda: forge(exp=NOW + 24 * 3600),
        lambda: forge(iss="https://other.example"),
        lambda: forge(aud="https://other.example"),
        lambda: forge(aud=[ISSUER]),
        lambda: forge(sub="root"),
        lambda: forge(sid=None),
        *(partial(forge, without=name) for name in ("exp", "iat", "nbf", "iss", "aud", "sub", "sid")),
        # A public key is no shared secret.
        lambda: forge(secret=str(KEY.public_jwk["x"])),
        *(partial(forge, header={"typ": typ}) for typ in ("JWT", None)),
        *(partial(forge, header={"kid": kid}) for kid in ("../../dev/null", OTHER.kid)),
        lambda: forge(header={"crit": ["exp"]}),
        lambda: issue()[:-8] + "AAAAAAAA",
        lambda: issue().rpartition(".")[0] + ".",
        lambda: issue() + "." + "A" * 5_000,
        lambda: jwt.encode({"sub": str(uuid4())}, "", "none", headers={"kid": KEY.kid}),
        lambda: "a.b.c",
        lambda: "",
    ],
)
def test_refused(make: Callable[[], str]) -> None:
    with pytest.raises(InvalidTokenError):
        verify(make())


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)])
def test_other_kinds_of_keys_are_refused(key: PrivateKey) -> None:
    with pytest.raises(ValueError, match="P-256"):
        load_keys(pem(key))


def test_where_a_token_counts(client: Api) -> None:
    session = sign_in(client, "ann@example.com")
    token = session.access_token
    url = "/v1/me"
    nothing = client.get(url)
    assert (nothing.status_code, nothing.headers["www-authenticate"]) == (401, "Bearer")
    bad = client.get(url, headers={"Authorization": "Bearer bad"})
    assert bad.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert client.get(url, headers={"Authorization": f"bearer {token}"}).status_code == 200
    for headers in (
        {"Authorization": f"Basic {token}"},
        {"Authorization": f"Bearer {token},Bearer {token}"},
        {"Authorization": f"Bearer {session.refresh_token}"},
        {"Cookie": f"refresh={session.refresh_token}"},
        {"Cookie": f"access_token={token}"},
    ):
        assert client.get(url, headers=headers).status_code == 401
