"""The tables of accounts. A session that ended has no row."""

from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.utils import timezone


class User(AbstractBaseUser):
    """Until the address is verified, the password is what somebody chose who may not own it."""

    # Sessions say when somebody was here.
    last_login = None

    id = models.UUIDField(primary_key=True, default=uuid4)
    email = models.CharField(max_length=254, unique=True)
    name = models.CharField(max_length=100, null=True)
    role = models.CharField(max_length=20, default="user")
    verified_at = models.DateTimeField(null=True)
    disabled = models.BooleanField(default=False)
    failed_logins = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"


class Session(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4)
    user = models.ForeignKey(User, models.DB_CASCADE, related_name="sessions")
    # <% if .native %>
    transport = models.CharField(max_length=10, default="cookie")
    # <% end %>
    auth_time = models.DateTimeField()
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ip = models.CharField(max_length=45)
    user_agent = models.CharField(max_length=200)


class RefreshToken(models.Model):
    """Used ones stay until their session ends, so that a replay is noticed."""

    token_hash = models.CharField(max_length=64, primary_key=True)
    session = models.ForeignKey(Session, models.DB_CASCADE, related_name="refresh_tokens")
    used_at = models.DateTimeField(null=True)


class OneTimeToken(models.Model):
    """What a link in a mail carries; at most one per account and purpose is good."""

    class Purpose(models.TextChoices):
        VERIFY = "verify"
        RESET = "reset"
        CONFIRM_ADDRESS = "confirm-address"

    token_hash = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(User, models.DB_CASCADE, related_name="one_time_tokens")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    new_email = models.CharField(max_length=254, null=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
