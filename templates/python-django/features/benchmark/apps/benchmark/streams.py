"""Events for whoever listens now; nothing is kept for those who come later."""

from collections.abc import Iterator
from queue import Empty, Full, Queue
from threading import Lock
from typing import override

from apps.benchmark.schemas import Event
from core import health
from core.problem import Problem

# Each holds a thread of the server; as many are left for everybody else.
MAX_STREAMS = 32
BACKLOG = 1_000
PING_SECONDS = 1.0


class Stream(Iterator[str]):
    """What one client is sent, until it leaves or falls behind, or the process ends."""

    def __init__(self) -> None:
        self._queue = Queue[str](BACKLOG)
        # Something to send with the head, which does not leave without.
        self._queue.put(": open\n\n")
        self._cut = False

    @override
    def __next__(self) -> str:
        if self._cut or health.draining.is_set():
            raise StopIteration
        try:
            return self._queue.get(timeout=PING_SECONDS)
        except Empty:
            # Only who is written to is found to have left.
            return ": ping\n\n"

    def put(self, text: str) -> None:
        try:
            self._queue.put_nowait(text)
        except Full:
            self._cut = True

    def close(self) -> None:
        """Django calls it when the client has left, and at the end."""
        streams.remove(self)


class Streams:
    """The open streams of this process, so many at most."""

    def __init__(self) -> None:
        self._open: set[Stream] = set()
        self._lock = Lock()

    def add(self) -> Stream:
        with self._lock:
            if len(self._open) >= MAX_STREAMS:
                raise Problem(503, "unavailable", headers={"Retry-After": "5"})
            stream = Stream()
            self._open.add(stream)
        return stream

    def remove(self, stream: Stream) -> None:
        with self._lock:
            self._open.discard(stream)

    def publish(self, event: Event) -> None:
        text = f"data: {event.model_dump_json()}\n\n"
        with self._lock:
            for stream in self._open:
                stream.put(text)


streams = Streams()
