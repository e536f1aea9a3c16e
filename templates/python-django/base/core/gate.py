"""Every request passes here, in one order, before any handler runs.

Host and sizes, cross-origin rules, route and method, media types and body size, rate limit;
then Ninja signs the caller in, and validates the parameters and the body.
"""

from django.http import HttpResponse

from core import health, ratelimit, requests
from core.cors import is_preflight, preflight_headers, refuse_cross_origin
from core.http import GetResponse, Request
# <% if .accounts %>
from core.logging import bind_path
# <% end %>
from core.problem import Problem, not_found
from core.routes import Resource, table

PROBES = frozenset({"/healthz", "/readyz"})
NEVER_METHODS = frozenset({"TRACE", "TRACK", "CONNECT"})


class GateMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._table = table()

    def __call__(self, request: Request) -> HttpResponse:
        try:
            self._before_routing(request)
        except Problem as refusal:
            return refusal.response(request)
        response = self._get_response(request)
        for name, value in request.rate_fields.items():
            response.headers[name] = value
        return response

    def process_view(self, request: Request, _view: object, _args: object, _kwargs: object) -> HttpResponse | None:
        try:
            return self._before_view(request)
        except Problem as refusal:
            return refusal.response(request)

    def _before_routing(self, request: Request) -> None:
        request.rate_fields = {}
        if request.path not in PROBES:
            requests.check_host(request)
        requests.check_sizes(request)
        refuse_cross_origin(request)
        if request.method in NEVER_METHODS:
            raise Problem(405, "method-not-allowed", headers={"Allow": "OPTIONS"})
        if requests.is_respelled(request):
            raise not_found()

    def _before_view(self, request: Request) -> HttpResponse | None:
        resource = self._find(request)
        probe = request.path in PROBES
        if health.draining.is_set() and not probe:
            raise Problem(503, "unavailable", headers={"Retry-After": "5"})
        if request.method == "OPTIONS":
            return _options(request, resource)
        operation = resource.operations.get(request.method or "")
        if operation is None:
            raise Problem(405, "method-not-allowed", headers={"Allow": resource.methods})
        request.operation = operation
        requests.check_media_types(request, operation)
        # Not Django's own reading, which takes a chunked body for an empty one.
        request._body = requests.read_body(request)  # noqa: SLF001
        if not probe:
            ratelimit.count(request)
        return None

    def _find(self, request: Request) -> Resource:
        match = request.resolver_match
        resource = self._table.get(match.route) if match else None
        if resource is None:
            raise not_found()
        request.route = resource.template
        # <% if .accounts %>
        if "{session_id}" in resource.template:
            bind_path(resource.template)
        # <% end %>
        return resource


def _options(request: Request, resource: Resource) -> HttpResponse:
    if is_preflight(request):
        return HttpResponse(status=204, headers=preflight_headers(resource.methods))
    return HttpResponse(status=204, headers={"Allow": resource.methods})
