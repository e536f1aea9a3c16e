"""The service in one process: a migrated SQLite file in a folder of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.config import Settings, fresh_env
from app.core.db import upgrade
from app.main import create_app
from tests.gateway import ANN, OnBehalfOf, public_pem

type NewClient = Callable[..., TestClient]


@pytest.fixture
def new_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NewClient:
    """A client of the service with these settings changed, to be used in `with`."""
    monkeypatch.chdir(tmp_path)
    # Whatever this machine is set up for, tests touch nothing outside their folder.
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///test.db")
    monkeypatch.setenv("GATEWAY_PUBLIC_KEYS", public_pem())
    Path(".env").write_text(fresh_env())

    def new(**changes: Any) -> TestClient:
        settings = Settings(_env_file=".env", **changes)
        upgrade(settings)
        return TestClient(create_app(settings))

    return new


@pytest.fixture
def client(new_client: NewClient) -> Iterator[TestClient]:
    with new_client() as client:
        yield client


@pytest.fixture
def api(client: TestClient) -> TestClient:
    """The gateway, sending what Ann asks for."""
    client.auth = OnBehalfOf(ANN)
    return client
