"""The HTTP server process: gunicorn, with bounds on what a client may take, and a graceful end."""

import gc
import socket
import threading
import time
from contextlib import suppress
from http import HTTPStatus
from types import FrameType
from typing import Any, override

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.management.base import CommandError
from django.core.wsgi import get_wsgi_application
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.http import errors
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn, ThreadWorker
from prometheus_client import start_http_server

from config.backends import MEMORY
from core.health import draining
from core.logging import bind_request, event
from core.middleware import METRICS

HEADER_SECONDS = 10
BODY_SECONDS = 15
KEEP_ALIVE_SECONDS = 65
IN_FLIGHT_SECONDS = 25
# Long enough for a balancer to see the probe fail before connections are refused.
DRAIN_SECONDS = 1.0
# Most of them wait for slow clients; the hasher and the database have bounds of their own.
THREADS = 64


class BoundedReader(SocketUnreader):
    """Reads until a deadline, however slowly the bytes drip."""

    deadline = 0.0

    @override
    def chunk(self, size_hint: int | None = None) -> bytes:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise errors.NoMoreData
        # Mostly it is there already, and a timeout costs further system calls.
        with suppress(BlockingIOError):
            return bytes(self.sock.recv(max(size_hint or 0, self.mxchunk), socket.MSG_DONTWAIT))
        self.sock.settimeout(left)
        try:
            return bytes(super().chunk(size_hint))
        except TimeoutError:
            raise errors.NoMoreData from None
        finally:
            self.sock.settimeout(None)


class BoundedConnection(TConn):
    @override
    def init(self) -> None:
        if not self.initialized:
            super().init()
            self.parser.unreader = BoundedReader(self.sock)
        self.expect(HEADER_SECONDS)

    def expect(self, seconds: float) -> None:
        self.parser.unreader.deadline = time.monotonic() + seconds


class Worker(ThreadWorker):
    @override
    def accept(self, listener: socket.socket) -> None:
        try:
            client, address = listener.accept()
        except OSError:  # gone again, or taken by nobody
            return
        self.nr_conns += 1
        self.enqueue_req(BoundedConnection(self.cfg, client, address, listener.getsockname()))

    @override
    def handle_request(self, req: Any, conn: BoundedConnection) -> bool:
        conn.expect(BODY_SECONDS)
        return bool(super().handle_request(req, conn))

    @override
    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Refuse what is no HTTP, without a word of what was sent."""
        status = HTTPStatus.BAD_REQUEST
        if isinstance(exc, errors.LimitRequestLine):
            status = HTTPStatus.REQUEST_URI_TOO_LONG
        elif isinstance(exc, errors.LimitRequestHeaders):
            status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        elif not isinstance(exc, errors.ParseException):
            status = HTTPStatus.INTERNAL_SERVER_ERROR
        cause = type(exc).__name__
        # The thread still knows the request before, of somebody else.
        bind_request({"source_ip": addr[0]})
        event("input_validation_fail", level="warning", status=status.value, description=cause)
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\n"
        client.sendall(f"{head}Content-Length: 0\r\n\r\n".encode())

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Not ready first, then no new connections, then the rest."""
        if not draining.is_set():
            draining.set()
            threading.Timer(DRAIN_SECONDS, super().handle_exit, (sig, frame)).start()

    @override
    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                listener.close()
            # Who connected and asked for nothing is not waited for.
            for connection in self.pending_conns:
                connection.timeout = 0.0


class QuietLogger(Logger):
    """Gunicorn's own messages take the way of all others (LOGGING)."""

    @override
    def setup(self, cfg: Any) -> None:
        self.error_log.propagate = True
        self._access_log_enabled = False


class Server(BaseApplication):
    """One worker process: more load, more replicas."""

    def __init__(self) -> None:
        self._address = f"fd://{_listen('PORT', settings.PORT).detach()}"
        # Only to say so now if it is taken: the worker listens there.
        _listen("METRICS_PORT", settings.METRICS_PORT).close()
        super().__init__()

    @override
    def load_config(self) -> None:
        for name, value in {
            "bind": self._address,
            "worker_class": Worker,
            "logger_class": QuietLogger,
            # A database in memory is one connection's; the others would wait for it anyway.
            "threads": 1 if settings.DATABASES["default"].get("NAME") == MEMORY else THREADS,
            "preload_app": True,
            "post_worker_init": self._start,
            "worker_exit": lambda _server, _worker: event("sys_shutdown"),
            "keepalive": KEEP_ALIVE_SECONDS,
            "graceful_timeout": IN_FLIGHT_SECONDS,
            "limit_request_line": 8190,  # as much as it can: core.requests says what is too long
            "limit_request_field_size": 16 * 1024,
            # Whom to believe is core.client_ip's to say.
            "forwarded_allow_ips": "",
            "secure_scheme_headers": {},
            "control_socket_disable": True,
        }.items():
            self.cfg.set(name, value)

    @override
    def load(self) -> WSGIHandler:
        return get_wsgi_application()

    def _start(self, _worker: Worker) -> None:
        start_http_server(settings.METRICS_PORT, settings.BIND, registry=METRICS)
        if settings.DATABASES["default"].get("NAME") == MEMORY:
            call_command("migrate", verbosity=0)
        # What is loaded stays: no use in looking through it for garbage.
        gc.freeze()
        event("sys_startup")


def _listen(name: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.BIND else socket.AF_INET
    try:
        return socket.create_server((settings.BIND, port), family=family, backlog=2048)
    except OSError as error:
        raise CommandError(f"{name}: cannot listen there: {error.strerror}") from None
