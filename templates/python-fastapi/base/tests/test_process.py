"""The process: its commands, its log lines, its start and end; migrations that make the tables of the code."""

import asyncio
import json
import logging
import os
import signal
import socket

import pytest
from alembic import command
from alembic.config import Config
from starlette.testclient import TestClient

from app.__main__ import main
from app.config import NAME, Settings, get_settings
from app.core.db import MIGRATIONS, upgrade
from app.core.logging import JsonFormatter, PrettyFormatter
from app.server import HEADER_BYTES, serve
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


async def ask(port: int, request: bytes, more: bytes = b"") -> bytes:
    """The first line of the answer; with more to send after it, once the server has closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await reader.readline()
    if more:
        writer.write(more)
        await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()
    return answer


def test_serving_and_draining(new_client: NewClient, monkeypatch: pytest.MonkeyPatch) -> None:
    new_client()
    monkeypatch.setattr("app.server.LATE_BODY_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        port, metrics_port = one.getsockname()[1], other.getsockname()[1]
    settings = Settings(_env_file=".env", port=port, metrics_port=metrics_port)
    ready = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"

    async def scenario() -> list[bytes]:
        server = asyncio.create_task(serve(settings))
        await asyncio.sleep(0)  # it listens before it first waits
        answers = [await ask(port, ready), await ask(port, b"GET / HTTP/1.1\r\nX: " + b"x" * HEADER_BYTES)]
        unread = b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
        answers.append(await ask(port, unread + b"{", more=b"}"))
        os.kill(os.getpid(), signal.SIGTERM)
        answers.append(await ask(port, ready))
        await server
        return answers

    answers = asyncio.run(scenario())
    assert [answer.split()[1] for answer in answers] == [b"200", b"400", b"404", b"503"]
