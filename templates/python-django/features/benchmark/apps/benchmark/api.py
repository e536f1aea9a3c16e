"""/v1/benchmark: what comparisons between services ask for; there with APP_ENV=benchmark only."""

from django.db import close_old_connections
from django.http import StreamingHttpResponse
from ninja import Router, Status

from apps.benchmark import upstream
from apps.benchmark.primes import count_primes
from apps.benchmark.schemas import Event, Number, Order, Primes, Upstream
from apps.benchmark.streams import streams
from core.http import Request
from core.routes import answers

router = Router(tags=["benchmark"])


@router.post("/echo", response=Order, include_in_schema=False)
def echo(request: Request, order: Order) -> Order:
    """Validate, and answer the same."""
    return order


@router.get("/slow", response=Upstream, include_in_schema=False)
def slow(request: Request) -> Upstream:
    """Wait for another service."""
    # Others need the connection to the database meanwhile.
    close_old_connections()
    return Upstream(status=upstream.ask())


@router.get("/cpu", response=Primes, include_in_schema=False)
def cpu(request: Request, n: Number) -> Primes:
    """Compute, in this thread."""
    return Primes(n=int(n), primes=count_primes(int(n)))


@router.get("/stream", include_in_schema=False)
@answers("text/event-stream")
def stream(request: Request) -> StreamingHttpResponse:
    """Send what is published, as server-sent events, until the client leaves."""
    close_old_connections()
    return StreamingHttpResponse(streams.add(), content_type="text/event-stream; charset=utf-8")


@router.post("/publish", response={204: None}, include_in_schema=False)
def publish(request: Request, event: Event) -> Status[None]:
    """Send an event to every open stream."""
    streams.publish(event)
    return Status(204, None)
