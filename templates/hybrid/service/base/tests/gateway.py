"""Stands where the gateway stands: signs requests the way it does."""

import hashlib
import time
from collections.abc import Generator
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from httpx2 import Auth, Request, Response

from app.auth.tokens import ALGORITHM, JWS_TYPE
from app.config import GATEWAY, NAME

KEY = generate_private_key(SECP256R1())
ANN = "6f1b4a52-9d0c-4c62-8a3f-0d6f5a1f2b11"
BOB = "0c9e7d34-1f7a-4f0e-9c58-7b1b2a3c4d55"


def public_pem(key: EllipticCurvePrivateKey = KEY) -> str:
    public = key.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def kid(key: EllipticCurvePrivateKey) -> str:
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()[:16]


def claims(method: str, target: str, body: bytes = b"", /, **changes: Any) -> dict[str, Any]:
    """What the gateway says of a request, with these claims changed; None removes one."""
    now = int(time.time())
    said = {
        "iss": GATEWAY,
        "aud": NAME,
        "sub": ANN,
        "iat": now,
        "nbf": now,
        "exp": now + 30,
        "method": method,
        "target": target,
        "digest": hashlib.sha256(body).hexdigest(),
    }
    return {name: value for name, value in (said | changes).items() if value is not None}


def sign(said: dict[str, Any], key: EllipticCurvePrivateKey = KEY, **header: Any) -> dict[str, str]:
    """The header field with a token that says this."""
    token = jwt.encode(said, key, ALGORITHM, {"kid": kid(key), "typ": JWS_TYPE, **header})
    return {"Authorization": f"Bearer {token}"}


class OnBehalfOf(Auth):
    """Signs every request of a client for one user."""

    requires_request_body = True

    def __init__(self, user_id: str) -> None:
        self._user_id = user_id

    def auth_flow(self, request: Request) -> Generator[Request, Response]:
        target = request.url.raw_path.decode()
        said = claims(request.method, target, request.content, sub=self._user_id)
        request.headers.update(sign(said))
        yield request
