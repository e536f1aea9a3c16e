"""A request as handlers see it."""

from collections.abc import Callable
# <% if .accounts %>
from typing import TYPE_CHECKING
# <% end %>

from django.http import HttpRequest, HttpResponse

from core.routes import Operation

# <% if .accounts %>
if TYPE_CHECKING:  # accounts are built on this
    from apps.accounts.auth import Principal
    from apps.accounts.tokens import Claims

# <% end %>

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
    claims: "Claims | None"
    auth: "Principal"
    # <% end %>


type GetResponse = Callable[[Request], HttpResponse]
