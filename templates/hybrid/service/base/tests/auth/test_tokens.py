"""Nobody but the gateway is answered, and it for nothing but what it signed."""

import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from starlette.testclient import TestClient

from app.auth.tokens import LEEWAY_SECONDS
from app.config import NAME
from tests.conftest import NewClient
from tests.gateway import ANN, BOB, KEY, OnBehalfOf, claims, kid, public_pem, sign

URL = "/v1/items"
NOW = int(time.time())
LATE = NOW - LEEWAY_SECONDS - 1


def test_without_a_token(client: TestClient) -> None:
    for method, path in (("GET", URL), ("DELETE", URL), ("GET", f"{URL}/{BOB}")):
        answer = client.request(method, path)
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"


def test_what_the_gateway_signed(client: TestClient) -> None:
    assert client.get(URL, headers=sign(claims("GET", URL))).status_code == 200
    body = b'{"title":"x"}'
    signed = sign(claims("POST", URL, body)) | {"Content-Type": "application/json"}
    assert client.post(URL, content=body, headers=signed).status_code == 201


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": LATE, "iat": LATE - 30, "nbf": LATE - 30},
        {"iat": NOW + 60, "nbf": NOW + 60, "exp": NOW + 90},
        {"exp": NOW + 3600},
        {"exp": None},
        {"exp": str(NOW + 30)},
        {"iat": None},
        {"aud": "another-service"},
        {"aud": [NAME, "another-service"]},
        {"aud": None},
        {"iss": "another-gateway"},
        {"iss": None},
        {"sub": None},
        {"sub": "ann@example.com"},
        {"method": "DELETE"},
        {"method": None},
        {"target": f"{URL}/{BOB}"},
        {"target": f"{URL}?limit=1"},
        {"target": None},
        {"digest": claims("GET", URL, b"{}")["digest"]},
        {"digest": None},
    ],
)
def test_what_it_signed_for_something_else(client: TestClient, changes: dict[str, Any]) -> None:
    refused(client, sign(claims("GET", URL, **changes)))


def test_another_body(client: TestClient) -> None:
    signed = sign(claims("POST", URL, b'{"title":"x"}')) | {"Content-Type": "application/json"}
    assert client.post(URL, content=b'{"title":"y"}', headers=signed).status_code == 401
    client.auth = OnBehalfOf(BOB)
    assert client.get(URL).json()["items"] == []


def test_another_query(client: TestClient) -> None:
    signed = sign(claims("GET", URL))
    assert client.get(URL, params={"limit": 1}, headers=signed).status_code == 401


def test_who_it_is_stands_in_the_token_alone(client: TestClient) -> None:
    body = b'{"title":"Ann\'s"}'
    signed = sign(claims("POST", URL, body)) | {"Content-Type": "application/json"}
    assert client.post(URL, content=body, headers=signed).status_code == 201
    for name in ("X-User-Id", "X-Forwarded-User", "X-Auth-Request-User"):
        headers = sign(claims("GET", URL, sub=BOB)) | {name: ANN}
        assert client.get(URL, headers=headers).json()["items"] == []


def test_a_stranger(client: TestClient) -> None:
    stranger = generate_private_key(SECP256R1())
    refused(client, sign(claims("GET", URL), stranger))
    refused(client, sign(claims("GET", URL), stranger, kid=kid(KEY)))


def test_other_ways_to_sign(client: TestClient) -> None:
    said = claims("GET", URL)
    header = {"kid": kid(KEY), "typ": "service+jwt"}
    for token in (
        jwt.encode(said, "", "none", header),
        jwt.encode(said, public_pem().encode().hex(), "HS256", header),
        "nonsense",
        "x" * 5000,
    ):
        refused(client, {"Authorization": f"Bearer {token}"})
    refused(client, sign(said, typ="at+jwt"))
    refused(client, sign(said, kid="unknown"))
    refused(client, {"Authorization": sign(said)["Authorization"].replace("Bearer", "Basic")})


def test_two_tokens(client: TestClient) -> None:
    field = ("Authorization", sign(claims("GET", URL))["Authorization"])
    assert client.get(URL, headers=[field, field]).status_code == 401


def test_keys_can_be_renewed(new_client: NewClient) -> None:
    new = generate_private_key(SECP256R1())
    with new_client(gateway_public_keys=public_pem(new) + public_pem()) as client:
        for key in (new, KEY):
            assert client.get(URL, headers=sign(claims("GET", URL), key)).status_code == 200


def refused(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.get(URL, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/invalid-token")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
