"""Every request passes here, in one order, before any handler runs.

Sizes, route and method, media types and body, the gateway's token; then the parameters
and the body's members, which FastAPI validates.
"""

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.auth.permissions import authenticate
from app.auth.tokens import ServiceTokens
from app.core import requests
from app.core.db import Database
from app.core.errors import Problem, not_found
from app.core.routes import Operation, RouteTable

PROBES = frozenset({"/healthz", "/readyz"})


class Gate:
    """Pure ASGI middleware around the routes of one application."""

    def __init__(self, app: ASGIApp, *, owner: FastAPI, tokens: ServiceTokens) -> None:
        self._app = app
        self._owner = owner
        self._tokens = tokens
        self._table = RouteTable(owner)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        else:
            await send({"type": "websocket.close"})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        requests.check_sizes(scope["raw_path"] + scope["query_string"], headers)
        operation = self._find(scope)
        if self._owner.state.draining and scope["path"] not in PROBES:
            raise Problem(503, "unavailable", headers={"Connection": "close", "Retry-After": "5"})
        requests.check_media_types(operation, headers)
        body = await requests.read_body(receive, headers, requests.MAX_BODY)
        if not operation.public:
            authenticate(scope, self._tokens, body)
        requests.check_query(operation, scope["query_string"])
        if operation.takes_body:
            requests.check_json(body)
        database: Database = self._owner.state.db
        async with database.sessions() as session:
            scope["state"]["session"] = session
            await self._app(scope, requests.replay(body, receive), send)

    def _find(self, scope: Scope) -> Operation:
        # No route needs an escape, so an escaped path is another spelling: unknown.
        escaped = scope["raw_path"] != scope["path"].encode()
        found = None if escaped else self._table.find(scope["path"])
        if found is None:
            raise not_found()
        scope["state"]["route"] = found.template
        operation = found.operations.get(scope["method"])
        if operation is None:
            raise Problem(405, "method-not-allowed", headers={"Allow": found.methods})
        return operation
