"""A request as handlers see it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# <% if .accounts %>
from apps.accounts.permissions import Principal
from apps.accounts.tokens import Claims
# <% end %>
from core.routes import Operation


class Request(HttpRequest):
    """With what the middleware and the sign-in found out."""

    request_id: str
    client_ip: str
    network: str
    user_key: str
    rate_fields: dict[str, str]
    route: str
    operation: Operation
    # <% if .accounts %>
    claims: Claims | None
    auth: Principal
    # <% end %>


type GetResponse = Callable[[Request], HttpResponse]
