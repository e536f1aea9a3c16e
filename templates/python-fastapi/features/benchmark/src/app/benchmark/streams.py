"""Events for whoever listens now; nothing is kept for those who come later."""

from collections.abc import Iterator
from contextlib import contextmanager

from anyio import WouldBlock, create_memory_object_stream
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from app.benchmark.schemas import Event
from app.core.errors import Problem

MAX_STREAMS = 1_000
BACKLOG = 1_000


class Streams:
    """The open streams of this process, so many at most, each with a bounded queue."""

    def __init__(self) -> None:
        self._open: set[MemoryObjectSendStream[Event]] = set()

    @contextmanager
    def subscribe(self) -> Iterator[MemoryObjectReceiveStream[Event]]:
        if len(self._open) >= MAX_STREAMS:
            raise Problem(503, "unavailable", headers={"Retry-After": "5"})
        send, receive = create_memory_object_stream[Event](BACKLOG)
        self._open.add(send)
        try:
            with send, receive:
                yield receive
        finally:
            self._open.discard(send)

    def publish(self, event: Event) -> None:
        for stream in [*self._open]:
            try:
                stream.send_nowait(event)
            except WouldBlock:  # cut off: it does not keep up
                self._open.discard(stream)
                stream.close()

    def end(self) -> None:
        while self._open:
            self._open.pop().close()
