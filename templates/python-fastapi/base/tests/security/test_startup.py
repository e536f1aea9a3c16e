"""What does not start (B), and what an outage looks like (Z5)."""

from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from starlette.testclient import TestClient

from app.checks import problems
from app.config import Settings, fresh_env
from app.core.envelope import as_problem
from app.core.routes import RouteTable

GOOD: dict[str, Any] = {
    "app_env": "production",
    "public_url": "https://api.example.com",
    "app_url": "https://app.example.com",
    "allowed_hosts": "api.example.com",
    "cors_origins": "https://app.example.com",
    "database_url": "postgresql://app:k3J9x@/app?host=/run/postgresql",
    # <% if .accounts %>
    "smtp_url": "smtps://app:q8Zw1@smtp.example.com",
    "mail_from": "no-reply@example.com",
    # <% end %>
}


def found(**changes: Any) -> list[str]:
    keys = dict(line.split("=", 1) for line in fresh_env().splitlines()[1:])
    secrets = {name.lower(): value.strip('"').replace("\\n", "\n") for name, value in keys.items()}
    return problems(Settings(_env_file=None, **(secrets | GOOD | changes)))


def test_good_production() -> None:
    assert found() == []
    assert found(replicas=2) == ["REDIS_URL: needed to share limits among REPLICAS"]
    assert found(replicas=2, redis_url="unix:///run/redis.sock") == []


BAD: dict[str, list[object]] = {
    "cursor_secret": ["", "x" * 31, "abab" * 10, "changeme-changeme-changeme-changeme"],
    "public_url": ["http://api.example.com", "https://api.example.com/path"],
    "allowed_hosts": ["", "*"],
    "cors_origins": ["*", "null", "http://app.example.com", "https://app.example.com/"],
    "trusted_proxies": ["0.0.0.0/0", "::/0"],
    "docs": [True],
    "metrics_port": [8000],
    "database_url": [
        "",
        "mysql://localhost/app",
        "postgresql://app:k3J9x@db.example.com/app",
        "postgresql://app:k3J9x@db.example.com/app?sslmode=require",
        "postgresql://app:k3J9x@localhost:5432,db.example.com:5432/app",
        "postgresql://app:postgres@localhost/app",
    ],
    "redis_url": ["redis://redis.example.com", "rediss://app:k3[9x@redis.example.com"],
    # <% if .accounts %>
    "jwt_private_keys": ["x"],
    "smtp_url": ["smtp://smtp.example.com:25", "smtp://app:k3/J9x@smtp.example.com:587"],
    "access_ttl": [3600],
    "refresh_grace_seconds": [60],
    "password_min_length": [10],
    "password_breach_check": ["/no/such/file"],
    # <% end %>
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_bad_production_names_the_variable(name: str, value: object) -> None:
    reasons = found(**{name: value})
    assert [reason for reason in reasons if reason.startswith(f"{name.upper()}: ")]
    assert len(str(value)) < 9 or str(value) not in "".join(reasons)


@pytest.mark.parametrize("name", ["DEBUG", "RELOAD", "MFA_POLICY"])
def test_switches_that_must_not_be_on(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "true")
    assert [reason.partition(":")[0] for reason in found()] == [name]


def test_route_without_a_rule_stops_the_start() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.add_api_route("/v1/open", lambda: None)
    with pytest.raises(RuntimeError, match="/v1/open: no access rule"):
        RouteTable(app)


def test_database_outage(api: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise ConnectionRefusedError("db.internal:5432")

    monkeypatch.setattr("sqlalchemy.pool.Pool.connect", away)
    assert api.get("/healthz").status_code == 200
    answer = api.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})
    answer = api.get("/v1/items")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
    assert "db.internal" not in answer.text
    monkeypatch.undo()
    assert api.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (IntegrityError("", None, Exception()), 409),  # a row came or went meanwhile
        (StaleDataError(), 409),
        (DBAPIError("", None, asyncpg.TooManyConnectionsError()), 503),
        (DBAPIError("", None, asyncpg.CannotConnectNowError()), 503),
        (DBAPIError("", None, asyncpg.DeadlockDetectedError()), 503),
        (DBAPIError("", None, Exception()), 500),
    ],
)
def test_what_the_database_says(error: Exception, status: int) -> None:
    assert as_problem(error).status == status
