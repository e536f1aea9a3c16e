"""The commands of the service, its log lines, and migrations that make the tables the code expects."""

import json
import logging

import pytest
from alembic import command
from alembic.config import Config
from starlette.testclient import TestClient

from app.__main__ import main
from app.config import NAME, get_settings
from app.core.db import MIGRATIONS, upgrade
from app.core.logging import JsonFormatter, PrettyFormatter
from tests.conftest import NewClient


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    get_settings.cache_clear()
    monkeypatch.setattr("sys.argv", ["app", *words])
    main()


def test_description_needs_no_settings(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@nowhere/nothing")
    run(monkeypatch, "openapi")
    document = json.loads(capsys.readouterr().out)
    assert document["paths"]["/v1/items"]["post"]["operationId"] == "create_item"


def test_keys_are_made_anew(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    run(monkeypatch, "env")
    run(monkeypatch, "env")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) - len(set(lines)) == 1  # APP_ENV


def test_seed(client: TestClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    run(monkeypatch, "migrate")
    run(monkeypatch, "seed")
    request = capsys.readouterr().out.splitlines()[-1].split('"')
    headers = dict([request[1].split(": ")]) if len(request) > 1 else {}
    assert client.get("/v1/items", headers=headers).status_code == 200


def test_migrations_make_the_tables_of_the_code(new_client: NewClient) -> None:
    new_client()
    config = Config(attributes={"url": get_settings().database_url.get_secret_value()})
    config.set_main_option("script_location", str(MIGRATIONS))
    command.check(config)
    command.downgrade(config, "base")
    upgrade(get_settings())


def test_a_log_line_is_one_line() -> None:
    fields = {"fields": {"path": "/\n\u2028\x1b[31m", "status": 404}}
    record = logging.LogRecord(NAME, logging.WARNING, "", 0, "http_request", (), None)
    record.__dict__.update(fields)
    line = JsonFormatter().format(record)
    assert line.isascii()
    assert json.loads(line).items() >= {"event": "http_request", "level": "warning", "status": 404}.items()
    for text in (line, PrettyFormatter().format(record)):
        assert len(text.splitlines()) == 1
        assert "\x1b" not in text
