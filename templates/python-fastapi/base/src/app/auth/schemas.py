"""What requests about accounts contain, and what is answered."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, StringConstraints

from app.auth.addresses import MAX_LENGTH, normal_form
from app.core.schemas import Model, SingleLine, Text, View

# Where nothing must show whether an address has an account, any line will do.
AnyAddress = Annotated[SingleLine, StringConstraints(max_length=MAX_LENGTH)]
Address = Annotated[AnyAddress, AfterValidator(normal_form)]
# The policy says which are good; this only bounds the work.
Password = Annotated[Text, StringConstraints(min_length=1, max_length=1024)]
Name = Annotated[SingleLine, StringConstraints(min_length=1, max_length=100)]
Secret = Annotated[SingleLine, StringConstraints(min_length=1, max_length=128)]


class Registration(Model):
    email: Address
    password: Password | None = None
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
    new_password: Password


class PasswordChange(Model):
    current_password: Password
    new_password: Password


class AddressChange(Model):
    new_email: Address


class Rename(Model):
    name: Name | None


class Accepted(View):
    status: Literal["accepted"] = "accepted"


class SignedInUser(View):
    id: UUID
    email: str
    role: str


class Me(SignedInUser):
    name: str | None
    created_at: datetime


class SignedIn(View):
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a word of RFC 6750
    expires_in: int
    # <% if .native %>
    refresh_token: str | None = None
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
