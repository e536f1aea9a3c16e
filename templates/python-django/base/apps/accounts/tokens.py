"""Signed access tokens (RFC 9068) and opaque secrets that are stored only as SHA-256."""

import hashlib
import re
import secrets
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from django.conf import settings
from jwt.algorithms import ECAlgorithm, OKPAlgorithm

JWS_TYPE = "at+jwt"
LONGEST_LIFETIME = 900
LONGEST_TOKEN = 4096
REMEMBERED_SECONDS = 1.0
REMEMBERED_ENTRIES = 10_000
NUMBERS = ("exp", "iat", "nbf", "auth_time")
REQUIRED = [*NUMBERS, "iss", "aud", "sub", "sid", "jti"]
# It is the same in all tokens of a key.
read_header = lru_cache(jwt.get_unverified_header)


class InvalidTokenError(Exception):
    """The bearer token is not one of ours, or no longer."""


class Remembered[K, V]:
    """What was looked up within the last second."""

    def __init__(self) -> None:
        self._entries: dict[K, tuple[float, V]] = {}

    def get(self, key: K) -> V | None:
        until, value = self._entries.get(key, (0.0, None))
        return value if until > time.monotonic() else None

    def put(self, key: K, value: V) -> None:
        if len(self._entries) >= REMEMBERED_ENTRIES:
            self.clear()
        self._entries[key] = (time.monotonic() + REMEMBERED_SECONDS, value)

    def clear(self) -> None:
        self._entries.clear()


@dataclass(frozen=True, slots=True)
class SigningKey:
    kid: str
    algorithm: str
    private: EllipticCurvePrivateKey | Ed25519PrivateKey
    public: EllipticCurvePublicKey | Ed25519PublicKey
    public_jwk: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Claims:
    user_id: UUID
    session_id: UUID
    auth_time: int
    expires_at: int


_remembered = Remembered[bytes, Claims]()


def new_secret() -> str:
    """256 random bits, 43 characters."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@lru_cache(maxsize=8)
def load_keys(pem: str) -> dict[str, SigningKey]:
    """Read concatenated PKCS#8 keys by kid; ValueError unless all are P-256 or Ed25519."""
    text = pem.replace("\\n", "\n")
    blocks = re.findall(r"-----BEGIN [A-Z ]+-----.+?-----END [A-Z ]+-----", text, re.DOTALL)
    if not blocks:
        raise ValueError("no PEM private key")
    return {key.kid: key for key in map(_signing_key, blocks)}


def _signing_key(pem: str) -> SigningKey:
    private = load_pem_private_key(pem.encode(), password=None)
    jwk: dict[str, Any]
    match private:
        case Ed25519PrivateKey():
            algorithm, jwk = "EdDSA", dict(OKPAlgorithm.to_jwk(private.public_key(), as_dict=True))
        case EllipticCurvePrivateKey(curve=SECP256R1()):
            algorithm, jwk = "ES256", dict(ECAlgorithm.to_jwk(private.public_key(), as_dict=True))
        case _:
            raise ValueError("signing keys must be P-256 or Ed25519")
    public = private.public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    kid = hashlib.sha256(der).hexdigest()[:16]
    return SigningKey(kid, algorithm, private, public, jwk | {"kid": kid, "alg": algorithm, "use": "sig"})


def jwks() -> dict[str, list[dict[str, Any]]]:
    return {"keys": [key.public_jwk for key in load_keys(settings.JWT_PRIVATE_KEYS).values()]}


def issue(*, user_id: UUID, session_id: UUID, auth_time: int, latest: int) -> str:
    """Sign a token for one lifetime, or until `latest` (Unix time) if that is earlier."""
    now = int(time.time())
    payload = {
        "iss": settings.PUBLIC_URL,
        "aud": settings.PUBLIC_URL,
        "sub": str(user_id),
        "sid": str(session_id),
        "jti": str(uuid4()),
        "iat": now,
        "nbf": now,
        "exp": min(now + settings.ACCESS_TTL, latest),
        "auth_time": auth_time,
        "amr": ["pwd"],
        "acr": "aal1",
    }
    # The first key signs; the others only verify what they signed before.
    key = next(iter(load_keys(settings.JWT_PRIVATE_KEYS).values()))
    headers = {"kid": key.kid, "typ": JWS_TYPE}
    return jwt.encode(payload, key.private, algorithm=key.algorithm, headers=headers)


def verify(token: str) -> Claims:
    """Check a token, remembering the outcome by its hash for a second."""
    if len(token) > LONGEST_TOKEN:
        raise InvalidTokenError
    fingerprint = hashlib.sha256(token.encode()).digest()
    claims = _remembered.get(fingerprint)
    if claims is None:
        claims = _verify(token)
        _remembered.put(fingerprint, claims)
    if claims.expires_at <= time.time():
        raise InvalidTokenError
    return claims


def _verify(token: str) -> Claims:
    try:
        header = read_header(token.partition(".")[0] + "..")  # the rest is read below
        if header.get("typ") != JWS_TYPE:
            raise InvalidTokenError
        key = load_keys(settings.JWT_PRIVATE_KEYS)[header["kid"]]
        claims = jwt.decode(
            token,
            key.public,
            algorithms=[key.algorithm],
            issuer=settings.PUBLIC_URL,
            audience=settings.PUBLIC_URL,
            options={"require": REQUIRED, "strict_aud": True},
        )
        # The library would take numbers written as text.
        if any(type(claims[name]) is not int for name in NUMBERS):
            raise InvalidTokenError
        if claims["exp"] - claims["iat"] > LONGEST_LIFETIME:
            raise InvalidTokenError
        return Claims(
            user_id=UUID(claims["sub"]),
            session_id=UUID(claims["sid"]),
            auth_time=claims["auth_time"],
            expires_at=claims["exp"],
        )
    except (jwt.PyJWTError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidTokenError from error
