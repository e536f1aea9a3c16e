"""What requests about accounts contain, and what is answered."""

import unicodedata
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
# <% if .native %>
from pydantic.json_schema import SkipJsonSchema
# <% end %>

from core.schemas import Model, SingleLine, Text, View


def normal_form(address: str) -> str:
    """NFKC, lower case, the domain as DNS knows it; ValueError if it is not one address."""
    # Not at the top: its tables of Unicode take a while, and the start need not wait for them.
    from email_validator import EmailNotValidError, validate_email

    try:
        parts = validate_email(
            unicodedata.normalize("NFKC", address).strip(),
            allow_smtputf8=False,
            check_deliverability=False,
            strict=True,
            # Lets the reserved domain .test through, to which nobody can deliver anything.
            test_environment=True,
        )
    except EmailNotValidError:
        # Its own words quote what was sent.
        raise ValueError("is not an e-mail address") from None
    if "." not in parts.ascii_domain:
        raise ValueError("is not an e-mail address")
    return f"{parts.local_part.lower()}@{parts.ascii_domain.lower()}"


def lookup_form(address: str) -> str:
    """The normal form, or for what is no address at all something no account has."""
    try:
        return normal_form(address)
    except ValueError:
        return unicodedata.normalize("NFKC", address).strip().lower()


# Where nothing must show whether an address has an account, any line will do.
AnyAddress = Annotated[SingleLine, StringConstraints(max_length=254)]
Address = Annotated[AnyAddress, AfterValidator(normal_form), Field(json_schema_extra={"format": "email"})]
# The policy says which are good; this only bounds the work.
Password = Annotated[Text, StringConstraints(min_length=1, max_length=1024)]
# Shown to callers; the policy judges in its own words, by normal form and settings.
NewPassword = Annotated[Password, Field(json_schema_extra={"minLength": 15, "maxLength": 128})]
Name = Annotated[SingleLine, StringConstraints(min_length=1, max_length=100)]
Secret = Annotated[SingleLine, StringConstraints(min_length=1, max_length=128)]


class Registration(Model):
    email: Address
    password: NewPassword | None = None
    name: Name | None = None


class AddressOnly(Model):
    email: AnyAddress


class Verification(Model):
    token: Secret
    password: Password


class Login(Model):
    email: AnyAddress
    password: Password
    # <% if .native %>
    transport: Literal["cookie", "body"] = "cookie"
    # <% end %>


class Renewal(Model):
    """`{}`: a body that no page of another origin can send without asking first."""

    # <% if .native %>
    refresh_token: Secret | None = None
    # <% end %>
    model_config = ConfigDict(json_schema_extra={"examples": [{}]})


class Reauthentication(Model):
    password: Password


class Confirmation(Model):
    token: Secret


class PasswordReset(Model):
    token: Secret
    new_password: NewPassword


class PasswordChange(Model):
    current_password: Password
    new_password: NewPassword


class AddressChange(Model):
    new_email: Address


class Rename(Model):
    name: Name | None


class Key(View):
    kty: Literal["EC", "OKP"]
    crv: Literal["P-256", "Ed25519"]
    x: str
    y: str = Field(default="", exclude_if=lambda y: not y)
    kid: str
    use: Literal["sig"]
    alg: Literal["ES256", "EdDSA"]


class KeySet(View):
    keys: list[Key]


class Accepted(View):
    status: Literal["accepted"] = "accepted"


class SignedInUser(View):
    id: UUID
    email: Annotated[str, Field(json_schema_extra={"format": "email"})]
    role: Literal["user", "admin"]


class Me(SignedInUser):
    name: str | None
    created_at: datetime


class SignedIn(View):
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a word of RFC 6750
    expires_in: int
    # <% if .native %>
    refresh_token: str | SkipJsonSchema[None] = Field(default=None, exclude_if=lambda token: token is None)
    # <% end %>
    user: SignedInUser


class SessionView(View):
    id: UUID
    created_at: datetime
    last_seen_at: datetime
    ip: str
    user_agent: str
    amr: tuple[str, ...] = ("pwd",)
    current: bool = False


class SessionList(View):
    items: list[SessionView]
