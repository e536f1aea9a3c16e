import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import cast

import django
import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from pytest_django import Settings

from apps.benchmark import streams, upstream
from apps.benchmark.primes import count_primes
from config import env
from core import health
from core.checks import check_production
from tests.support import Api

ROOT = Path(__file__).parents[2]
ORDER = {"name": "Tea", "quantity": 3, "tags": ["green", "loose"]}
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
def teapot(settings: Settings) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Teapot) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        settings.BENCHMARK_UPSTREAM = f"http://127.0.0.1:{server.server_port}/"
        yield
        upstream.client().close()
        upstream.client.cache_clear()
        server.shutdown()


@pytest.mark.parametrize(("profile", "statuses"), [("development", {404}), ("production", {404}), ("benchmark", {401})])
def test_there_for_comparisons_only(profile: str, statuses: set[int]) -> None:
    changes = {
        "DJANGO_SETTINGS_MODULE": f"config.settings.{profile}",
        "DATABASE_URL": "sqlite://",
        "ALLOWED_HOSTS": "testserver",
    }
    done = subprocess.run(
        [sys.executable, "-c", "from tests.benchmark import test_benchmark; test_benchmark.print_statuses()"],
        check=True,
        cwd=ROOT,
        env=os.environ | changes | env.fresh(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert done.stdout.splitlines()[-1] == str(statuses)


def print_statuses() -> None:
    """In a process of its own: a profile is chosen once."""
    django.setup()
    statuses = {Api().request(method, path, json=body).status_code for method, path, body in CALLS}
    sys.stdout.write(f"{statuses}\n")


def test_anonymous_is_refused(client: Api) -> None:
    for method, path, body in CALLS:
        assert client.request(method, path, json=body).status_code == 401


@pytest.mark.parametrize("url", ["", "ftp://localhost/", "http:///path", "http://user:pw@localhost/"])
def test_starts_only_with_an_upstream(settings: Settings, url: str) -> None:
    settings.BENCHMARK_UPSTREAM = url
    assert "BENCHMARK_UPSTREAM: not an http:// URL without a user" in [error.msg for error in check_production()]


def test_echo(api: Api) -> None:
    answer = api.post("/v1/benchmark/echo", json=ORDER)
    assert answer.text == '{"name":"Tea","quantity":3,"tags":["green","loose"]}'


def test_wrong_input(api: Api) -> None:
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


@pytest.mark.usefixtures("teapot")
def test_slow(api: Api) -> None:
    assert api.get("/v1/benchmark/slow").json() == {"status": 418}


def test_slow_without_its_upstream(api: Api) -> None:
    answer = api.get("/v1/benchmark/slow")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")


@pytest.mark.parametrize(("limit", "primes"), [(1, 0), (2, 1), (10, 4), (25, 9), (7919, 1000)])
def test_counting_primes(limit: int, primes: int) -> None:
    assert count_primes(limit) == primes


def test_cpu(api: Api) -> None:
    assert api.get("/v1/benchmark/cpu", params={"n": 100}).text == '{"n":100,"primes":25}'


def open_stream(api: Api) -> StreamingHttpResponse:
    path = "/v1/benchmark/stream"
    answer = Client(headers=api.headers).get(path, RAW_URI=path)
    return cast("StreamingHttpResponse", answer)


def lines(answer: StreamingHttpResponse) -> Iterator[str]:
    return (part.decode() for part in cast("Iterator[bytes]", answer.streaming_content))


@pytest.fixture
def draining(monkeypatch: pytest.MonkeyPatch) -> Event:
    """Told to end, for this test only."""
    monkeypatch.setattr(health, "draining", Event())
    return health.draining


def test_every_stream_gets_every_event_until_the_drain(
    api: Api, draining: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "PING_SECONDS", 0.01)
    answers = [open_stream(api), open_stream(api)]
    assert answers[0].headers["Content-Type"] == "text/event-stream; charset=utf-8"
    for number in ("1", "2"):
        assert api.post("/v1/benchmark/publish", json={"id": number}).status_code == 204
    for answer in answers:
        events = lines(answer)
        received = [next(events) for _ in range(4)]
        assert received == [": open\n\n", 'data: {"id":"1"}\n\n', 'data: {"id":"2"}\n\n', ": ping\n\n"]
    draining.set()
    assert [[*lines(answer)] for answer in answers] == [[], []]
    for answer in answers:
        answer.close()


def test_streams_are_bounded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MAX_STREAMS", 1)
    first = open_stream(api)
    assert api.get("/v1/benchmark/stream").status_code == 503
    first.close()
    again = open_stream(api)
    assert again.status_code == 200
    again.close()


def test_a_stream_that_does_not_keep_up_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BACKLOG", 2)
    stream = streams.Stream()
    stream.put("1")
    assert next(stream) == ": open\n\n"
    stream.put("2")
    stream.put("3")
    assert [*stream] == []
