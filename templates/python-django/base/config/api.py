"""The API: its operations, who may call them, and how they answer."""

from django.conf import settings
from django.urls import path
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation

# <% if .accounts %>
from apps.accounts.api import auth_router, me_router, well_known_router
from apps.accounts.auth import SignedIn
from apps.accounts.emails import mailbox_router
# <% end %>
# <% if .idempotency %>
from apps.idempotency.decorators import idempotent
# <% end %>
from apps.items.api import router as items_router
from core import docs, health, problem
from core.requests import StrictParser, strict_query
from core.schemas import JsonRenderer


class Api(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The name of the function, which clients call their method by."""
        return operation.view_func.__name__


api = Api(
    title=settings.TITLE,
    version="0.1.0",
    description=docs.ABOUT,
    openapi_url=None,
    docs_url=None,
    parser=StrictParser(),
    renderer=JsonRenderer(),
    # <% if .accounts %>
    # Deny by default: an operation that does not say otherwise wants a signed-in user.
    auth=SignedIn(),
    # <% end %>
)
# <% if .idempotency %>
api.add_decorator(idempotent)
# <% end %>
api.add_decorator(strict_query)
api.add_exception_handler(problem.Problem, problem.on_problem)
api.add_exception_handler(ValidationError, problem.on_validation_error)
api.add_exception_handler(HttpError, problem.on_http_error)

api.add_router("/v1/items", items_router)
api.add_router("", health.router)
# <% if .accounts %>
api.add_router("/v1/auth", auth_router)
api.add_router("/v1/me", me_router)
api.add_router("", well_known_router)
if not settings.PRODUCTION:
    api.add_router("", mailbox_router)
# <% end %>
# <% if .benchmark %>
if settings.BENCHMARK:
    from apps.benchmark.api import router as benchmark_router

    api.add_router("/v1/benchmark", benchmark_router)
# <% end %>
if settings.DOCS:
    api.add_router("", docs.router)

# Every path is one of these operations; what is none of them is a problem.
urlpatterns = [path("", api.urls)]
handler400 = "core.problem.bad_request"
handler404 = "core.problem.page_not_found"
handler500 = "core.problem.server_error"
