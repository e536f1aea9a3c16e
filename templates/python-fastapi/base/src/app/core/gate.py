"""Every request passes here, in one order, before any handler runs.

Host and sizes, cross-origin rules, route and method, media types and body size, rate
limit, authentication; then the parameters and the body, which FastAPI validates.
"""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core import requests
from app.core.client_ip import network
from app.core.db import Database
from app.core.errors import Problem, not_found
from app.core.http_security import Cors, Hosts
from app.core.logging import bind_path
from app.core.ratelimit import RateLimiter
from app.core.routes import Resource, RouteTable

PROBES = frozenset({"/healthz", "/readyz"})
NEVER_METHODS = frozenset({"TRACE", "TRACK", "CONNECT"})


class Gate:
    """Pure ASGI middleware around the routes of one application.

    `identify` names the user of a genuine token without asking the database, for counting;
    `authenticate` raises 401 or leaves the principal in the request's state.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        owner: FastAPI,
        cors: Cors,
        identify: Callable[[Scope], str | None] | None = None,
        authenticate: Callable[[Request], Awaitable[None]] | None = None,
    ) -> None:
        self._app = app
        self._owner = owner
        self._hosts = Hosts(owner.state.settings.allowed_hosts)
        self._cors = cors
        self._identify = identify
        self._authenticate = authenticate
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
        path, method = scope["path"], scope["method"]

        self._hosts.check(headers.getlist("host"), probe=path in PROBES)
        requests.check_sizes(scope["raw_path"] + scope["query_string"], headers)
        preflight = self._check_origin(method, headers)
        resource = self._find(scope)
        if self._owner.state.draining and path not in PROBES:
            raise Problem(503, "unavailable", headers={"Connection": "close", "Retry-After": "5"})
        if method == "OPTIONS":
            await self._options(resource, preflight)(scope, receive, send)
            return
        operation = resource.operations.get(method)
        if operation is None:
            raise Problem(405, "method-not-allowed", headers={"Allow": resource.methods})
        requests.check_media_types(operation, headers)
        limit = requests.MAX_AUTH_BODY if path.startswith("/v1/auth/") else requests.MAX_BODY
        body = await requests.read_body(receive, headers, limit)
        if path not in PROBES:
            await self._count(scope)
        database: Database = self._owner.state.db
        async with database.sessions() as session:
            scope["state"]["session"] = session
            if self._authenticate is not None and not operation.public:
                await self._authenticate(Request(scope))
            requests.check_query(operation, scope["query_string"])
            if operation.takes_body:
                requests.check_json(body)
            await self._app(scope, requests.replay(body, receive), send)

    def _check_origin(self, method: str, headers: Headers) -> str | None:
        """Refuse what is cross-origin and not allowed; the origin of an allowed preflight."""
        origin = headers.get("origin")
        if method == "OPTIONS" and origin and "access-control-request-method" in headers:
            self._cors.refuse_preflight(origin)
            return origin
        self._cors.refuse_cross_origin_write(method, origin, headers.get("sec-fetch-site"))
        return None

    def _find(self, scope: Scope) -> Resource:
        # No route needs an escape, so an escaped path is another spelling: unknown.
        escaped = scope["raw_path"] != scope["path"].encode()
        found = None if escaped else self._table.find(scope["path"])
        if scope["method"] in NEVER_METHODS:
            allow = found.methods if found else "OPTIONS"
            raise Problem(405, "method-not-allowed", headers={"Allow": allow})
        if found is None:
            raise not_found()
        scope["state"]["route"] = found.template
        if "{session_id}" in found.template:
            bind_path(found.template)
        return found

    def _options(self, resource: Resource, preflight: str | None) -> Response:
        if preflight is None:
            return Response(status_code=204, headers={"Allow": resource.methods})
        headers = self._cors.preflight_headers(preflight, resource.methods)
        return Response(status_code=204, headers=headers)

    async def _count(self, scope: Scope) -> None:
        address = network(scope["state"]["client_ip"])
        user = self._identify(scope) if self._identify is not None else None
        caller = scope["state"]["user_key"] = user or address
        limiter: RateLimiter = self._owner.state.limiter
        fields = await limiter.count(scope["method"], scope["path"], caller=caller, address=address)
        scope["state"]["rate_fields"] = fields
