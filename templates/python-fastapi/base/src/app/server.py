"""The HTTP server process: bounds on the parser, start and graceful end."""

import asyncio
import gc
import signal
import socket
from types import FrameType

import uvicorn
from fastapi import FastAPI
from prometheus_client import start_http_server
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.checks import is_loopback
from app.config import Settings
from app.core.db import is_outage, open_database
from app.core.envelope import METRICS
from app.core.logging import event, setup_logging
from app.core.requests import BODY_SECONDS
from app.main import create_app

HEADER_SECONDS = 10
HEADER_BYTES = 64 * 1024
# Later than the gate, which can answer; for bodies of requests that were refused before theirs came.
LATE_BODY_SECONDS = BODY_SECONDS + 5
KEEP_ALIVE_SECONDS = 65
IN_FLIGHT_SECONDS = 25
# Long enough for a balancer to see the probe fail before connections are refused.
DRAIN_SECONDS = 1.0


class BoundedProtocol(HttpToolsProtocol):
    """llhttp, the strict parser, with bounds on the time of a request and on its header section's size."""

    _deadline: asyncio.TimerHandle | None = None
    _in_headers = True
    _header_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait(None)
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._expect_headers()

    def on_headers_complete(self) -> None:
        self._in_headers = False
        self._wait(LATE_BODY_SECONDS)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._wait(None)
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_headers:
            self._header_bytes += len(data)
            if self._header_bytes > HEADER_BYTES and not self.transport.is_closing():
                self.send_400_response("Header fields too large")

    def _expect_headers(self) -> None:
        self._in_headers = True
        self._header_bytes = 0
        self._wait(HEADER_SECONDS)

    def _wait(self, seconds: float | None) -> None:
        """Close the connection unless told otherwise by then."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self.transport.close)


class GracefulServer(uvicorn.Server):
    """Ends with exit code 0: not ready first, then no new connections, then the rest."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._app.state.draining or sig == signal.SIGINT:
            self.should_exit = True
        self._app.state.draining = True
        asyncio.get_running_loop().call_later(DRAIN_SECONDS, self._stop)

    def _stop(self) -> None:
        self.should_exit = True


async def serve(settings: Settings) -> None:
    """Run until told to stop. One process: replicas are how it scales."""
    setup_logging(settings)
    if not settings.production and not is_loopback(settings.bind):
        event("sys_warning", level="warning", description="BIND: development on a public address")
    if settings.production:
        await _refuse_superuser(settings)
    app = create_app(settings)
    try:
        name = "METRICS_PORT"
        start_http_server(settings.metrics_port, settings.bind, registry=METRICS)
        name = "PORT"
        family = socket.AF_INET6 if ":" in settings.bind else socket.AF_INET
        listener = socket.create_server((settings.bind, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise SystemExit(f"{name}: cannot listen there: {error.strerror}") from None
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=IN_FLIGHT_SECONDS,
    )
    # What is there now stays: the collector need not look at it again.
    gc.freeze()
    await GracefulServer(config, app).serve(sockets=[listener])


async def _refuse_superuser(settings: Settings) -> None:
    try:
        async with open_database(settings) as database:
            superuser = await database.is_superuser()
    except Exception as error:
        if not is_outage(error):
            raise
        event("sys_warning", level="warning", description="DATABASE_URL: not reachable yet")
        return
    if superuser:
        raise SystemExit("Refusing to start:\n  DATABASE_URL: a superuser role")
