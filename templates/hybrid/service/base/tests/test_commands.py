"""The commands of the service, its process, and migrations that make the tables the code expects."""

import asyncio
import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import httpx2
import pytest
from alembic import command
from alembic.config import Config

from app.__main__ import main
from app.config import get_settings
from app.core.db import MIGRATIONS, upgrade
from app.server import serve
from tests.conftest import NewClient


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    get_settings.cache_clear()
    monkeypatch.setattr("sys.argv", ["app", *words])
    main()


def test_keys_are_made_anew(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    run(monkeypatch, "env")
    run(monkeypatch, "env")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) - len(set(lines)) == 1  # APP_ENV


def test_migrations_make_the_tables_of_the_code(new_client: NewClient, monkeypatch: pytest.MonkeyPatch) -> None:
    new_client()
    run(monkeypatch, "migrate")
    config = Config(attributes={"url": get_settings().database_url.get_secret_value()})
    config.set_main_option("script_location", str(MIGRATIONS))
    command.check(config)
    command.downgrade(config, "base")
    upgrade(get_settings())


@pytest.mark.parametrize("variable", ["CURSOR_SECRET", "GATEWAY_PUBLIC_KEYS", "PORT"])
def test_does_not_serve_without(
    new_client: NewClient, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], variable: str
) -> None:
    new_client()
    monkeypatch.setenv(variable, "")
    with pytest.raises(SystemExit) as refusal:
        run(monkeypatch, "serve")
    assert f"{variable}: " in f"{refusal.value}{capfd.readouterr().err}"


def test_secrets_from_files(new_client: NewClient, monkeypatch: pytest.MonkeyPatch) -> None:
    new_client()
    Path("secret").write_text("from a file\n")
    monkeypatch.setenv("CURSOR_SECRET_FILE", "secret")
    get_settings.cache_clear()
    assert get_settings().cursor_secret.get_secret_value() == "from a file"
    monkeypatch.setenv("CURSOR_SECRET_FILE", "nowhere")
    get_settings.cache_clear()
    with pytest.raises(SystemExit, match="CURSOR_SECRET_FILE: cannot be read"):
        get_settings()


def test_serves_until_told_to_stop(new_client: NewClient, monkeypatch: pytest.MonkeyPatch) -> None:
    new_client()
    port, metrics_port = free_ports()
    monkeypatch.setenv("PORT", str(port))
    monkeypatch.setenv("METRICS_PORT", str(metrics_port))
    get_settings.cache_clear()
    with ThreadPoolExecutor(1) as pool:
        answers = pool.submit(ask_and_stop, port, metrics_port)
        asyncio.run(serve(get_settings()))
    assert answers.result() == [200, 401, 200]


def ask_and_stop(port: int, metrics_port: int) -> list[int]:
    urls = [
        f"http://127.0.0.1:{port}/healthz",
        f"http://127.0.0.1:{port}/v1/items",
        f"http://127.0.0.1:{metrics_port}/",
    ]
    try:
        for _ in range(1200):
            try:
                return [httpx2.get(url).status_code for url in urls]
            except httpx2.TransportError:
                sleep(0.05)
        return []
    finally:
        os.kill(os.getpid(), signal.SIGTERM)


def free_ports() -> list[int]:
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        return [first.getsockname()[1], second.getsockname()[1]]
