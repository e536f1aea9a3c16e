"""The process itself, on a database in memory: what its parser refuses, and how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest

from config import env

ROOT = Path(__file__).parents[2]


class Server:
    """`manage.py serve` on a free port."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.port, metrics = free_port(), free_port()
        changes = {"APP_ENV": "development", "DATABASE_URL": "sqlite://", "LOG_FORMAT": "json", "BIND": "127.0.0.1"}
        ports = {"PORT": str(self.port), "METRICS_PORT": str(metrics)}
        environment = os.environ | changes | ports | env.fresh()
        with log.open("wb") as stdout:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"], cwd=ROOT, env=environment, stdout=stdout
            )

    def get(self, path: str) -> int:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()

    def wait(self) -> None:
        for _ in range(1200):
            try:
                if self.get("/readyz") == 200:
                    return
            except ConnectionError:
                time.sleep(0.05)
        pytest.fail("the service does not get ready")

    def send(self, *parts: bytes) -> bytes:
        """Raw bytes, and all that comes back until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as client:
            for part in parts:
                client.sendall(part)
            answer = b""
            while chunk := client.recv(65_536):
                answer += chunk
        return answer


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server") / "log")
    try:
        server.wait()
        yield server
    finally:
        server.process.kill()
        server.process.wait()


HEAD = b"POST /v1/items HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
        (HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", b"400"),
        (HEAD + b"X-Fold: a\r\n b\r\n\r\n", b"400"),
        (HEAD + b"Host: evil.example\r\n\r\n", b"400"),
        (b"GET /healthz?" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", b"414"),
        (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 70_000 + b"\r\n\r\n", b"431"),
    ],
)
def test_what_is_no_http_is_refused_without_a_word(server: Server, request_bytes: bytes, status: bytes) -> None:
    answer = server.send(request_bytes)
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert answer.count(b"HTTP/1.1") == 1
    assert answer.endswith(b"\r\n\r\n")
    logged = json.loads(server.log.read_text().splitlines()[-1])
    assert (logged["event"], logged["source_ip"]) == ("input_validation_fail", "127.0.0.1")
    assert logged["path"] is None  # that of the request before is of somebody else


def test_urls_and_chunked_bodies_are_counted(server: Server) -> None:
    long_url = b"GET /healthz?" + b"a" * 8_000 + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert server.send(long_url).startswith(b"HTTP/1.1 422")
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    head = HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = server.send(head, *[chunk] * 20, b"0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413")


def test_headers_have_to_come_in_time(server: Server) -> None:
    began = time.monotonic()
    assert server.send(b"GET /healthz HTTP/1.1\r\nHost: loc") == b""
    assert time.monotonic() - began > 9


def test_end_is_graceful(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
        client.sendall(HEAD + b"Connection: close\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert client.recv(1_000).startswith(b"HTTP/1.1 100")
        time.sleep(0.5)  # until the request has passed the gate: its 100 comes before
        server.process.send_signal(signal.SIGTERM)
        answers = []
        with suppress(ConnectionError):
            while True:
                answers.append((server.get("/readyz"), server.get("/v1/items")))
        assert answers[-1] == (503, 503)
        client.sendall(b"{}")
        assert client.recv(1_000).startswith(b"HTTP/1.1 4")
    assert server.process.wait(60) == 0
