"""Tests: development's settings, without anything of the machine they run on."""

import os

from config import env

os.environ |= {"DATABASE_URL": "sqlite:///var/test.db", "REDIS_URL": ""}
# <% if .accounts %>
os.environ["SMTP_URL"] = ""
# <% end %>
os.environ |= env.fresh()

from config.settings.development import *

# <% if .benchmark %>
BENCHMARK = True
BENCHMARK_UPSTREAM = "http://127.0.0.1:1/"
# <% end %>
BASE_DIR.joinpath("var").mkdir(exist_ok=True)
# A file, because some tests use it from several threads.
DATABASES["default"]["TEST"] = {"NAME": BASE_DIR / "var" / "test.db"}
# <% if .accounts %>
TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
# <% end %>
