"""Development, on loopback only: what it eases. Every variable can still be set."""

from config import env

env.ease(
    {
        "PUBLIC_URL": "http://localhost:8000",
        "APP_URL": "http://localhost:3000",
        "ALLOWED_HOSTS": "localhost, 127.0.0.1",
        "CORS_ORIGINS": ", ".join(f"http://localhost:{port}" for port in (3000, 4200, 5173, 8080)),
        "DATABASE_URL": "sqlite:///var/dev.db",
        "RATE_DEFAULT": "15000/60",
        "MAX_ITEMS": "50000",
        "DOCS": "true",
        "LOG_FORMAT": "pretty",
        # <% if .accounts %>
        "MAIL_FROM": "Scaffold Sample <no-reply@localhost>",
        "RESET_TTL": "3600",
        "RATE_AUTH_IP": "1000/60",
        "LOGIN_BACKOFF_SECONDS": "1",
        "LOCKOUT_CEILING": "5000",
        "MAIL_PER_ADDRESS": "1000000",
        # <% end %>
    }
)

from config.settings.production import *

PRODUCTION = False
# <% if .accounts %>
# Browsers take the prefix __Host- and Secure on https only.
REFRESH_COOKIE = "refresh"
# <% end %>
