import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import cast

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.benchmark import streams
from app.benchmark.primes import count_primes
from app.benchmark.schemas import Event
from app.checks import problems
from app.config import Settings, fresh
from app.server import GracefulServer
from tests.auth.helpers import authorization
from tests.conftest import NewClient

ORDER = {"name": "Tea", "quantity": 3, "tags": ["green", "loose"]}
SETTINGS = {
    "public_url": "http://localhost:8000",
    "app_url": "http://localhost:3000",
    "allowed_hosts": "localhost",
    "mail_from": "no-reply@localhost",
    "benchmark_upstream": "http://127.0.0.1:1/",
}
CALLS = [
    ("POST", "/v1/benchmark/echo", ORDER),
    ("GET", "/v1/benchmark/slow", None),
    ("GET", "/v1/benchmark/cpu?n=10", None),
    ("GET", "/v1/benchmark/stream", None),
    ("POST", "/v1/benchmark/publish", {"id": "1"}),
]


class Teapot(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(418)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing to say."""


@pytest.fixture
def upstream() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Teapot) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def api(new_client: NewClient) -> Iterator[TestClient]:
    with new_client(**SETTINGS, app_env="benchmark") as client:
        client.headers.update(authorization(client, "ann@example.com"))
        yield client


@pytest.mark.parametrize("app_env", ["development", "production"])
def test_there_for_comparisons_only(new_client: NewClient, app_env: str) -> None:
    with new_client(**SETTINGS, app_env=app_env) as client:
        client.headers.update(authorization(client, "ann@example.com"))
        for method, path, body in CALLS:
            assert client.request(method, path, json=body).status_code == 404


def test_anonymous_is_refused(api: TestClient) -> None:
    del api.headers["authorization"]
    for method, path, body in CALLS:
        assert api.request(method, path, json=body).status_code == 401


@pytest.mark.parametrize("url", ["", "ftp://localhost/", "http:///path", "http://user:pw@localhost/"])
def test_starts_only_with_an_upstream(url: str) -> None:
    settings = Settings(_env_file=None, **(fresh() | SETTINGS | {"app_env": "benchmark", "benchmark_upstream": url}))
    assert "BENCHMARK_UPSTREAM: not an http:// URL without a user" in problems(settings)


def test_echo(api: TestClient) -> None:
    answer = api.post("/v1/benchmark/echo", json=ORDER)
    assert answer.text == '{"name":"Tea","quantity":3,"tags":["green","loose"]}'


def test_wrong_input(api: TestClient) -> None:
    changes: list[dict[str, object]] = [
        {"name": ""},
        {"name": "x" * 101},
        {"name": "a\nb"},
        {"quantity": 0},
        {"quantity": 1001},
        {"quantity": "3"},
        {"tags": ["x"] * 11},
        {"tags": [1]},
        {"extra": 1},
    ]
    for change in changes:
        assert api.post("/v1/benchmark/echo", json=ORDER | change).status_code == 422
    for query in ("", "?n=0", "?n=1000000", "?n=-1", "?n=1.5", "?n=x"):
        assert api.get(f"/v1/benchmark/cpu{query}").status_code == 422
    assert api.post("/v1/benchmark/publish", json={"id": ""}).status_code == 422


def test_slow(new_client: NewClient, upstream: str) -> None:
    with new_client(**SETTINGS | {"app_env": "benchmark", "benchmark_upstream": upstream}) as client:
        headers = authorization(client, "ann@example.com")
        assert client.get("/v1/benchmark/slow", headers=headers).json() == {"status": 418}


def test_slow_without_its_upstream(api: TestClient) -> None:
    answer = api.get("/v1/benchmark/slow")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")


@pytest.mark.parametrize(("limit", "primes"), [(1, 0), (2, 1), (10, 4), (25, 9), (7919, 1000)])
def test_counting_primes(limit: int, primes: int) -> None:
    assert count_primes(limit) == primes


def test_cpu(api: TestClient) -> None:
    assert api.get("/v1/benchmark/cpu", params={"n": 100}).text == '{"n":100,"primes":25}'


@asynccontextmanager
async def running(client: TestClient) -> AsyncIterator[tuple[GracefulServer, httpx2.AsyncClient]]:
    """The service on a port, where a stream need not end to be read; and a caller of it."""
    app = cast("FastAPI", client.app)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = GracefulServer(uvicorn.Config(app, log_config=None, ws="none"), app)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        url = f"http://localhost:{listener.getsockname()[1]}/v1/benchmark"
        headers = await asyncio.to_thread(authorization, client, "ann@example.com")
        async with httpx2.AsyncClient(base_url=url, headers=headers) as caller:
            yield server, caller
        server.should_exit = True
        await serving


def stream(caller: httpx2.AsyncClient) -> AbstractAsyncContextManager[httpx2.Response]:
    return caller.stream("GET", "/stream")


def test_every_stream_gets_every_event_until_the_drain(new_client: NewClient) -> None:
    client = new_client(**SETTINGS, app_env="benchmark")

    async def scenario() -> list[list[str]]:
        async with running(client) as (server, caller), stream(caller) as one, stream(caller) as two:
            assert one.headers["content-type"].startswith("text/event-stream")
            for number in ("1", "2"):
                answer = await caller.post("/publish", json={"id": number})
                assert answer.status_code == 204
            server.handle_exit(signal.SIGTERM, None)
            return [[line async for line in each.aiter_lines() if line] for each in (one, two)]

    assert asyncio.run(scenario()) == [['data: {"id":"1"}', 'data: {"id":"2"}']] * 2


def test_streams_are_bounded(new_client: NewClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MAX_STREAMS", 1)
    client = new_client(**SETTINGS, app_env="benchmark")

    async def scenario() -> int:
        async with running(client) as (_, caller), stream(caller), stream(caller) as refused:
            return refused.status_code

    assert asyncio.run(scenario()) == 503


def test_a_stream_that_does_not_keep_up_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BACKLOG", 2)

    async def scenario() -> list[str]:
        hub = streams.Streams()
        with hub.subscribe() as events:
            for number in "123":
                hub.publish(Event(id=number))
            return [event.id async for event in events]

    assert asyncio.run(scenario()) == ["1", "2"]
