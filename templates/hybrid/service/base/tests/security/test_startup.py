"""What does not start (B), and what an outage looks like (Z5)."""

from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.checks import gateway_tokens, problems
from app.config import Settings, fresh_env
from app.core.routes import RouteTable

GOOD: dict[str, Any] = {
    "app_env": "production",
    "database_url": "postgresql://app:k3J9x@/app?host=/run/postgresql",
}


def found(**changes: Any) -> list[str]:
    secret = fresh_env().splitlines()[1].partition("=")[2]
    return problems(Settings(_env_file=None, **({"cursor_secret": secret} | GOOD | changes)))


def test_good_production() -> None:
    assert found() == []


BAD: dict[str, list[object]] = {
    "cursor_secret": ["", "x" * 31, "abab" * 10, "changeme-changeme-changeme-changeme"],
    "metrics_port": [8000],
    "database_url": [
        "",
        "mysql://localhost/app",
        "postgresql://app:k3J9x@db.example.com/app",
        "postgresql://app:k3J9x@db.example.com/app?sslmode=require",
        "postgresql://app:k3/J9x@localhost/app",
        "postgresql://app:postgres@localhost/app",
    ],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_bad_production_names_the_variable(name: str, value: object) -> None:
    reasons = found(**{name: value})
    assert [reason for reason in reasons if reason.startswith(f"{name.upper()}: ")]
    assert len(str(value)) < 9 or str(value) not in "".join(reasons)


@pytest.mark.parametrize("name", ["DEBUG", "RELOAD"])
def test_switches_that_must_not_be_on(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "true")
    assert [reason.partition(":")[0] for reason in found()] == [name]


@pytest.mark.parametrize("keys", ["", "a password", "-----BEGIN X-----\nAA==\n-----END X-----"])
def test_no_start_without_the_gateways_key(keys: str) -> None:
    settings = Settings(_env_file=None, gateway_public_keys=keys)
    with pytest.raises(SystemExit, match="GATEWAY_PUBLIC_KEYS: "):
        gateway_tokens(settings)


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
