"""Every path is an operation of the API; what is none of them is a problem."""

from django.urls import path

from config.api import api

urlpatterns = [path("", api.urls)]

handler400 = "core.problem.bad_request"
handler404 = "core.problem.page_not_found"
handler500 = "core.problem.server_error"
