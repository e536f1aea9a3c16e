"""Service tokens: the gateway's word for one request of one user.

A token is good for the request it was made for and for nothing else: it names this
service, the user, the method, the target and the body, and lives for seconds. Only the
gateway has the private key; nothing here could make a token.
"""

import hashlib
import re
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from app.config import GATEWAY, NAME

JWS_TYPE = "service+jwt"
ALGORITHM = "ES256"
LONGEST_LIFETIME = 60
LONGEST_TOKEN = 4096
# What the clocks of two machines may differ by.
LEEWAY_SECONDS = 5
TIMES = ("exp", "iat", "nbf")
REQUIRED = [*TIMES, "iss", "aud", "sub", "method", "target", "digest"]


class InvalidTokenError(Exception):
    """Not a token of the gateway for this request."""


class ServiceTokens:
    """Verifies what the gateway signed."""

    def __init__(self, pem: str) -> None:
        """Read concatenated public keys; ValueError unless all are on P-256."""
        text = pem.replace("\\n", "\n")
        blocks = re.findall(r"-----BEGIN [A-Z ]+-----.+?-----END [A-Z ]+-----", text, re.DOTALL)
        if not blocks:
            raise ValueError("no PEM public key")
        self._keys = dict(_load(block) for block in blocks)

    def verify(self, token: str, *, method: str, target: str, body: bytes) -> UUID:
        """The user on whose behalf the gateway sends exactly this request."""
        if len(token) > LONGEST_TOKEN:
            raise InvalidTokenError
        try:
            header = jwt.get_unverified_header(token)
            if header.get("typ") != JWS_TYPE:
                raise InvalidTokenError
            claims = jwt.decode(
                token,
                self._keys[header["kid"]],
                algorithms=[ALGORITHM],
                issuer=GATEWAY,
                audience=NAME,
                leeway=LEEWAY_SECONDS,
                options={"require": REQUIRED, "strict_aud": True},
            )
            # The library would take numbers written as text.
            if any(type(claims[name]) is not int for name in TIMES):
                raise InvalidTokenError
            if claims["exp"] - claims["iat"] > LONGEST_LIFETIME:
                raise InvalidTokenError
            if (claims["method"], claims["target"]) != (method, target):
                raise InvalidTokenError
            if claims["digest"] != hashlib.sha256(body).hexdigest():
                raise InvalidTokenError
            return UUID(claims["sub"])
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidTokenError from error


def _load(pem: str) -> tuple[str, EllipticCurvePublicKey]:
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise ValueError("the gateway's keys must be on P-256")  # noqa: TRY004 - a wrong setting
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()[:16], key
