"""/v1/benchmark: what comparisons between services ask for; there with APP_ENV=benchmark only."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx2
from anyio.streams.memory import MemoryObjectReceiveStream
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.sse import EventSourceResponse

from app.auth.permissions import Permission, require
from app.benchmark.primes import count_primes
from app.benchmark.schemas import Event, Number, Order, Primes, Upstream
from app.benchmark.streams import Streams
from app.core.errors import Problem

UPSTREAM_CONNECTIONS = 256
UPSTREAM_SECONDS = 10
DRAIN_CHECK_SECONDS = 0.5


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    limits = httpx2.Limits(max_connections=UPSTREAM_CONNECTIONS, max_keepalive_connections=UPSTREAM_CONNECTIONS)
    async with httpx2.AsyncClient(limits=limits, timeout=UPSTREAM_SECONDS, trust_env=False) as client:
        app.state.upstream = client
        app.state.streams = Streams()
        ending = asyncio.create_task(_end_streams(app))
        yield
        ending.cancel()


async def _end_streams(app: FastAPI) -> None:
    """The process waits for its answers to end, and streams do not by themselves."""
    while not app.state.draining:  # noqa: ASYNC110 - a signal handler sets it
        await asyncio.sleep(DRAIN_CHECK_SECONDS)
    app.state.streams.end()


async def _without_database(request: Request) -> None:
    """Give the connection back that authentication used: others need it while these wait."""
    await request.state.session.close()


router = APIRouter(
    prefix="/v1/benchmark",
    include_in_schema=False,
    lifespan=_lifespan,
    dependencies=[Depends(require(Permission.OWN_DATA)), Depends(_without_database)],
)


async def subscribe(request: Request) -> AsyncIterator[MemoryObjectReceiveStream[Event]]:
    streams: Streams = request.app.state.streams
    with streams.subscribe() as events:
        yield events


@router.post("/echo")
async def echo(order: Order) -> Order:
    """Validate, and answer the same."""
    return order


@router.get("/slow")
async def slow(request: Request) -> Upstream:
    """Wait for another service."""
    client: httpx2.AsyncClient = request.app.state.upstream
    try:
        answer = await client.get(request.app.state.settings.benchmark_upstream)
    except httpx2.HTTPError:
        raise Problem(503, "unavailable", headers={"Retry-After": "5"}) from None
    return Upstream(status=answer.status_code)


@router.get("/cpu")
def cpu(n: Number) -> Primes:
    """Compute; in a thread, so that the event loop still gets its turns."""
    return Primes(n=int(n), primes=count_primes(int(n)))


@router.get("/stream", response_class=EventSourceResponse)
async def stream(
    events: Annotated[MemoryObjectReceiveStream[Event], Depends(subscribe)],
) -> AsyncIterable[Event]:
    """Send what is published, as server-sent events, until the client leaves."""
    async for event in events:
        yield event


@router.post("/publish", status_code=204)
async def publish(event: Event, request: Request) -> None:
    """Send an event to every open stream."""
    streams: Streams = request.app.state.streams
    streams.publish(event)
