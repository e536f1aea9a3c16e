"""The service in one process: a migrated SQLite file in a folder of its own."""

import shutil
from collections.abc import Callable, Iterator
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import pytest
# <% if .accounts %>
from argon2 import PasswordHasher
# <% end %>
from pydantic import SecretStr
from starlette.testclient import TestClient

# <% if .accounts %>
from app.auth import passwords
# <% end %>
from app.config import Settings, fresh_env
from app.core.db import upgrade
from app.main import create_app

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
    Path(".env").write_text(fresh_env())
    shutil.copy(migrated, "test.db")
    # <% if .accounts %>
    # Hashes that are made to be slow would be most of what the tests take.
    monkeypatch.setattr(passwords, "ARGON2", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    # <% end %>

    def new(**changes: Any) -> TestClient:
        settings = Settings(_env_file=".env", **changes)
        client = TestClient(create_app(settings), base_url="http://localhost:8000")
        # Whoever wants a cookie sent says so.
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))
        return client

    return new


@pytest.fixture
def client(new_client: NewClient) -> Iterator[TestClient]:
    with new_client() as client:
        yield client


@pytest.fixture
def api(client: TestClient) -> TestClient:
    """A client that may call what needs a sign-in."""
    # <% if .accounts %>
    from tests.auth.helpers import authorization

    client.headers.update(authorization(client, "ann@example.com"))
    # <% end %>
    return client
