"""The process: it bounds what arrives before a request is one, and ends when it is told to."""

import asyncio
import os
import signal
import socket

from app.config import Settings
from app.server import HEADER_BYTES, serve
from tests.conftest import NewClient


async def ask(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return answer


def test_serving_and_draining(new_client: NewClient) -> None:
    new_client()
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        port, metrics_port = one.getsockname()[1], other.getsockname()[1]
    settings = Settings(_env_file=".env", port=port, metrics_port=metrics_port)
    ready = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"

    async def scenario() -> list[bytes]:
        server = asyncio.create_task(serve(settings))
        await asyncio.sleep(0.5)
        answers = [await ask(port, ready), await ask(port, b"GET / HTTP/1.1\r\nX: " + b"x" * HEADER_BYTES)]
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0.1)
        answers.append(await ask(port, ready))
        await server
        return answers

    answers = asyncio.run(scenario())
    assert [answer.split()[1] for answer in answers] == [b"200", b"400", b"503"]
