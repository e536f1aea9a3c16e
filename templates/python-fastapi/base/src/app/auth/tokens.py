"""Signed access tokens (RFC 9068), opaque secrets that are stored only as SHA-256, and the cookie of one."""

import hashlib
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from fastapi import Request
from jwt.algorithms import ECAlgorithm, OKPAlgorithm

from app.config import Settings

JWS_TYPE = "at+jwt"
LONGEST_LIFETIME = 900
LONGEST_TOKEN = 4096
REMEMBERED_SECONDS = 1.0
REMEMBERED_ENTRIES = 10_000
NUMBERS = ("exp", "iat", "nbf", "auth_time")
REQUIRED = [*NUMBERS, "iss", "aud", "sub", "sid", "jti"]
# It is the same in all tokens of a key.
read_header = lru_cache(jwt.get_unverified_header)
# In the API's description: an answer that sets it, or in logout its end.
SETS_COOKIE: dict[str, Any] = {"headers": {"Set-Cookie": {"schema": {"type": "string"}}}}


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


def new_secret() -> str:
    """256 random bits, 43 characters."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SigningKey:
    kid: str
    algorithm: str
    private: EllipticCurvePrivateKey | Ed25519PrivateKey
    public: EllipticCurvePublicKey | Ed25519PublicKey
    public_jwk: dict[str, Any]


def load_keys(pem: str) -> list[SigningKey]:
    """Read concatenated PKCS#8 keys, the first one signs; ValueError unless P-256 or Ed25519."""
    text = pem.replace("\\n", "\n")
    blocks = re.findall(r"-----BEGIN [A-Z ]+-----.+?-----END [A-Z ]+-----", text, re.DOTALL)
    if not blocks:
        raise ValueError("no PEM private key")
    return [_signing_key(block) for block in blocks]


def _signing_key(pem: str) -> SigningKey:
    try:
        private = load_pem_private_key(pem.encode(), password=None)
    except (TypeError, UnsupportedAlgorithm) as error:  # a key behind a password, or of another curve
        raise ValueError(str(error)) from error
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


@dataclass(frozen=True, slots=True)
class Claims:
    user_id: UUID
    session_id: UUID
    auth_time: int
    expires_at: int


class AccessTokens:
    """Issues and verifies access tokens of one issuer, which is also their audience."""

    def __init__(self, keys: Sequence[SigningKey], *, issuer: str, lifetime: int) -> None:
        self._keys = {key.kid: key for key in keys}
        self._current = keys[0]
        self._issuer = issuer
        self.lifetime = lifetime
        self._remembered = Remembered[bytes, Claims]()

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        return {"keys": [key.public_jwk for key in self._keys.values()]}

    def issue(self, *, user_id: UUID, session_id: UUID, auth_time: int, latest: int) -> str:
        """Sign a token for one lifetime, or until `latest` (Unix time) if that is earlier."""
        now = int(time.time())
        payload = {
            "iss": self._issuer,
            "aud": self._issuer,
            "sub": str(user_id),
            "sid": str(session_id),
            "jti": str(uuid4()),
            "iat": now,
            "nbf": now,
            "exp": min(now + self.lifetime, latest),
            "auth_time": auth_time,
            "amr": ["pwd"],
            "acr": "aal1",
        }
        key = self._current
        headers = {"kid": key.kid, "typ": JWS_TYPE}
        return jwt.encode(payload, key.private, algorithm=key.algorithm, headers=headers)

    def verify(self, token: str) -> Claims:
        """Check a token, remembering the outcome by its hash for a second."""
        if len(token) > LONGEST_TOKEN:
            raise InvalidTokenError
        key = hashlib.sha256(token.encode()).digest()
        claims = self._remembered.get(key)
        if claims is None:
            claims = self._verify(token)
            self._remembered.put(key, claims)
        if claims.expires_at <= time.time():
            raise InvalidTokenError
        return claims

    def _verify(self, token: str) -> Claims:
        try:
            header = read_header(token.partition(".")[0] + "..")  # the rest is read below
            if header.get("typ") != JWS_TYPE:
                raise InvalidTokenError
            key = self._keys[header["kid"]]
            claims = jwt.decode(
                token,
                key.public,
                algorithms=[key.algorithm],
                issuer=self._issuer,
                audience=self._issuer,
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


def presented_cookie(request: Request) -> str | None:
    return request.cookies.get(_cookie_name(request.app.state.settings))


def refresh_cookie(settings: Settings, value: str, *, max_age: int) -> str:
    """The Set-Cookie field; no age and no value clear it."""
    secure = "Secure; " if settings.production else ""
    attributes = f"Path=/; {secure}HttpOnly; SameSite=Strict; Max-Age={max_age}"
    return f"{_cookie_name(settings)}={value}; {attributes}"


def _cookie_name(settings: Settings) -> str:
    # Browsers take the prefix and Secure on https only, which development does not have.
    return "__Host-refresh" if settings.production else "refresh"
