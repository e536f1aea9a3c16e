"""The service in one process: a migrated SQLite file in a folder of its own."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from app.config import Settings, fresh_env
from app.core.db import upgrade
from app.main import create_app
from tests.gateway import ANN, OnBehalfOf, public_pem

type NewClient = Callable[..., TestClient]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database at the schema of this code, to copy."""
    path = tmp_path_factory.mktemp("database") / "migrated.db"
    upgrade(Settings(_env_file=None, database_url=SecretStr(f"sqlite:///{path}")))
    return path


@pytest.fixture
def new_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, migrated: Path) -> NewClient:
    """A client of the service with these settings changed, to be used in `with`."""
    monkeypatch.chdir(tmp_path)
    # Whatever this machine is set up for, tests touch nothing outside their folder.
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///test.db")
    monkeypatch.setenv("GATEWAY_PUBLIC_KEYS", public_pem())
    Path(".env").write_text(fresh_env())
    shutil.copy(migrated, "test.db")

    def new(**changes: Any) -> TestClient:
        return TestClient(create_app(Settings(_env_file=".env", **changes)))

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
