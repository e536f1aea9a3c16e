"""What does not start (B), and what an outage looks like (Z5)."""

from typing import Any

import pytest
# <% if .accounts %>
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
# <% end %>
from django.core.management import call_command
from django.core.management.base import CommandError, SystemCheckError
from django.db import IntegrityError, OperationalError
from pytest_django import Settings

from config import backends, env
from core.checks import check_environment, check_production
from tests.support import Api

GOOD: dict[str, Any] = {
    "PRODUCTION": True,
    "DOCS": False,
    "PUBLIC_URL": "https://api.example.com",
    "APP_URL": "https://app.example.com",
    "ALLOWED_HOSTS": ["api.example.com"],
    "CORS_ORIGINS": ["https://app.example.com"],
    "DATABASE_URL": "postgresql://app:k3J9x@/app?host=/run/postgresql",
    # <% if .accounts %>
    "SMTP_URL": "smtps://app:q8Zw1@smtp.example.com",
    "RESET_TTL": 600,
    # <% end %>
}
# <% if .accounts %>
KEY = ec.generate_private_key(ec.SECP256R1())
LOCKED_KEY = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"password")).decode()
# <% end %>


@pytest.fixture
def production(settings: Settings) -> Settings:
    for name, value in GOOD.items():
        setattr(settings, name, value)
    return settings


def found() -> list[str]:
    return [error.msg for error in check_environment() + check_production()]


def test_good_production(production: Settings) -> None:
    assert found() == []


BAD: dict[str, list[object]] = {
    "CURSOR_SECRET": ["", "x" * 31, "abab" * 10, "changeme-changeme-changeme-changeme"],
    "PUBLIC_URL": ["", "http://api.example.com", "https://api.example.com/path"],
    "ALLOWED_HOSTS": [[], ["*"], [".example.com"]],
    "CORS_ORIGINS": [["*"], ["null"], ["http://app.example.com"], ["https://app.example.com/"], ["https://["]],
    "TRUSTED_PROXIES": [["0.0.0.0/0"], ["::/0"], ["proxy"]],
    "DOCS": [True],
    "METRICS_PORT": [8000],
    "DATABASE_URL": [
        "",
        "postgresql://app:k3J9x@db.example.com/app",
        "postgresql://app:k3J9x@db.example.com/app?sslmode=require",
        "postgresql://app:postgres@localhost/app",
    ],
    "REDIS_URL": ["redis://redis.example.com"],
    # <% if .accounts %>
    "JWT_PRIVATE_KEYS": ["x", LOCKED_KEY],
    "SMTP_URL": ["smtp://smtp.example.com:25"],
    "ACCESS_TTL": [3600],
    "REFRESH_GRACE_SECONDS": [60],
    "PASSWORD_MIN_LENGTH": [10],
    "PASSWORD_BREACH_CHECK": ["/nowhere"],
    # <% end %>
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_bad_production_names_the_variable(production: Settings, name: str, value: object) -> None:
    setattr(production, name, value)
    reasons = found()
    assert [reason for reason in reasons if reason.startswith(f"{name}: ")]
    assert len(str(value)) < 15 or str(value) not in "".join(reasons)


def test_replicas_need_a_shared_store(production: Settings) -> None:
    production.REPLICAS = 2
    assert found() == ["REDIS_URL: needed to share limits among REPLICAS"]
    production.REDIS_URL = "unix:///run/redis.sock"
    assert found() == []


def test_private_addresses_may_go_without_tls(production: Settings) -> None:
    production.DATABASE_URL = "postgresql://app:k3J9x@10.0.0.5/app"
    assert len(found()) == 1
    production.DB_TRANSPORT = "private"
    assert found() == []


@pytest.mark.parametrize("name", ["DEBUG", "RELOAD", "MFA_POLICY"])
def test_switches_that_must_not_be_on(production: Settings, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "true")
    assert [reason.partition(":")[0] for reason in found()] == [name]


def test_commands_refuse_bad_settings(settings: Settings) -> None:
    settings.CURSOR_SECRET = ""
    with pytest.raises(SystemCheckError, match="CURSOR_SECRET: missing"):
        call_command("serve")


def test_seed_is_for_development(production: Settings) -> None:
    production.DATABASE_URL = "sqlite:///app.db"
    # <% if .accounts %>
    production.MAILERS = {"default": backends.mailer(production.SMTP_URL)}
    # <% end %>
    with pytest.raises(CommandError):
        call_command("seed")


def test_variables_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(env, "faults", [])
    wrong = {"NUMBER": "many", "BIG": "70000", "QUOTA": "5", "WORD": "third", "SWITCH": "perhaps"}
    wrong |= {"SCHEME": "localhost:6379", "SLASH": "smtp://app:se/cret@localhost:25", "SECRET_FILE": "/nowhere"}
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    assert (env.integer("NUMBER", 7), env.integer("BIG", 8, maximum=65_535)) == (7, 8)
    assert env.quota("QUOTA", "300/60") == (300, 60)
    assert env.choice("WORD", "first", "second") == "first"
    assert env.switch("SWITCH") is False
    assert env.url("SCHEME", "redis") == env.url("SLASH", "smtp") == env.text("SECRET") == ""
    assert backends.database("mysql://localhost")["ENGINE"] == "django.db.backends.dummy"
    assert [fault.partition(":")[0] for fault in env.faults] == [*wrong, "DATABASE_URL"]
    assert "cret" not in "".join(env.faults)


def test_databases_by_url() -> None:
    assert backends.database("sqlite://")["NAME"] == backends.MEMORY
    postgres = backends.database(f"{GOOD['DATABASE_URL']}&options=-csearch_path%3Dapp")
    assert (postgres["NAME"], postgres["OPTIONS"]["host"]) == ("app", "/run/postgresql")
    assert postgres["OPTIONS"]["options"].endswith("-csearch_path=app")


def test_database_outage(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("db.internal:5432")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", away)
    assert api.get("/healthz").status_code == 200
    answer = api.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})
    answer = api.get("/v1/items")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
    assert "db.internal" not in answer.text
    monkeypatch.undo()
    assert api.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    ("error", "status", "slug"), [(RuntimeError, 500, "internal"), (IntegrityError, 409, "conflict")]
)
def test_unexpected_errors_tell_nothing(
    api: Api, monkeypatch: pytest.MonkeyPatch, error: type[Exception], status: int, slug: str
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error("secret")

    monkeypatch.setattr("apps.items.selectors.page", broken)
    answer = api.get("/v1/items")
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}")
    assert "secret" not in answer.text
