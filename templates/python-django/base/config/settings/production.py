"""Production, and what the other profiles begin with; core.checks refuses what is unsafe."""

import hashlib
from pathlib import Path

from django.utils.csp import CSP

from config import backends, env

BASE_DIR = Path(__file__).parents[2]
ASSETS = BASE_DIR / "core" / "assets"
NAME = "scaffold-sample"
TITLE = "Scaffold Sample"

# What the service is reached by, and by whom.
PRODUCTION = True
DEBUG = False
BIND = env.text("BIND", "127.0.0.1")
PORT = env.integer("PORT", 8000, maximum=65_535)
METRICS_PORT = env.integer("METRICS_PORT", 9000, maximum=65_535)
PUBLIC_URL = env.url("PUBLIC_URL", "https", "http")
APP_URL = env.url("APP_URL", "https", "http")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
CORS_ORIGINS = env.words("CORS_ORIGINS")
CORS_ALLOW_HEADERS = env.words("CORS_ALLOW_HEADERS")
TRUSTED_PROXIES = env.words("TRUSTED_PROXIES")
DOCS = env.switch("DOCS")
# <% if .benchmark %>
BENCHMARK = False
BENCHMARK_UPSTREAM = env.url("BENCHMARK_UPSTREAM", "http", "https")
# <% end %>

INSTALLED_APPS = [
    "core",
    # <% if .accounts %>
    "apps.accounts",
    # <% end %>
    "apps.items",
    # <% if .idempotency %>
    "apps.idempotency",
    # <% end %>
]
ROOT_URLCONF = "config.api"
MIDDLEWARE = [
    "core.middleware.EnvelopeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "core.cors.CorsMiddleware",
    "core.gate.GateMiddleware",
    # <% if .accounts %>
    "apps.accounts.auth.BearerMiddleware",
    # <% end %>
]

# What they keep.
DATABASE_URL = env.text("DATABASE_URL")
DB_TRANSPORT = env.choice("DB_TRANSPORT", "", "private")
DATABASES = {"default": backends.database(DATABASE_URL)}
REDIS_URL = env.url("REDIS_URL", "rediss", "redis", "unix")
REPLICAS = env.integer("REPLICAS", 1)
CURSOR_SECRET = env.text("CURSOR_SECRET")
# Django wants a secret of its own; Signer makes the cursors with it.
SECRET_KEY = hashlib.sha256(f"django {CURSOR_SECRET}".encode()).hexdigest()

# Limits.
RATE_DEFAULT = env.quota("RATE_DEFAULT", "300/60")
MAX_ITEMS = env.integer("MAX_ITEMS", 1_000)
# <% if .accounts %>

# Accounts.
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["apps.accounts.passwords.BoundedArgon2Hasher"]
PASSWORD_MIN_LENGTH = env.integer("PASSWORD_MIN_LENGTH", 15)
PASSWORD_BREACH_CHECK = env.text("PASSWORD_BREACH_CHECK", "off")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "apps.accounts.passwords.LengthValidator", "OPTIONS": {"shortest": PASSWORD_MIN_LENGTH}},
    {
        "NAME": "django.contrib.auth.password_validation.CommonPasswordValidator",
        "OPTIONS": {"password_list_path": ASSETS / "passwords.txt"},
    },
    {
        "NAME": "apps.accounts.passwords.KnownWordsValidator",
        "OPTIONS": {"words": [NAME, TITLE], "urls": [PUBLIC_URL, APP_URL]},
    },
]
if PASSWORD_BREACH_CHECK != "off":  # noqa: S105 - else a file
    AUTH_PASSWORD_VALIDATORS.append(
        {"NAME": "apps.accounts.passwords.BreachValidator", "OPTIONS": {"hashes": PASSWORD_BREACH_CHECK}}
    )
JWT_PRIVATE_KEYS = env.text("JWT_PRIVATE_KEYS")
ACCESS_TTL = env.integer("ACCESS_TTL", 600)
REFRESH_IDLE_TTL = env.integer("REFRESH_IDLE_TTL", 24 * 3600)
REFRESH_MAX_TTL = env.integer("REFRESH_MAX_TTL", 30 * 24 * 3600)
REFRESH_GRACE_SECONDS = env.integer("REFRESH_GRACE_SECONDS", 10, minimum=0)
REFRESH_COOKIE = "__Host-refresh"
STEP_UP_TTL = env.integer("STEP_UP_TTL", 600)
VERIFY_TTL = env.integer("VERIFY_TTL", 3600)
RESET_TTL = env.integer("RESET_TTL", 600)
RATE_AUTH_IP = env.quota("RATE_AUTH_IP", "20/60")
LOGIN_BACKOFF_SECONDS = env.integer("LOGIN_BACKOFF_SECONDS", 30)
LOCKOUT_CEILING = env.integer("LOCKOUT_CEILING", 100)
MAX_SESSIONS = env.integer("MAX_SESSIONS", 10)

# Mail leaves in a thread of this process, so that no answer's time tells who has an account.
MAIL_PER_ADDRESS = env.integer("MAIL_PER_ADDRESS", 5)
SMTP_URL = env.url("SMTP_URL", "smtps", "smtp")
MAILERS = {"default": backends.mailer(SMTP_URL)}
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM")
TASKS = {"default": {"BACKEND": "core.tasks.ThreadBackend"}}
# <% end %>

# What browsers are told.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 63_072_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "object-src": [CSP.NONE],
    "form-action": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "sandbox": True,
}
SILENCED_SYSTEM_CHECKS = [
    "security.W003",  # core.cors refuses cross-site writes, by Fetch metadata instead of tokens
    "security.W008",  # an API does not redirect: what came in clear is lost already
    "security.W021",  # the domain's owner decides about the browsers' preload list
]

USE_I18N = False
LOG_LEVEL = env.choice("LOG_LEVEL", "info", "debug", "warning", "error")
LOG_FORMAT = env.choice("LOG_FORMAT", "json", "pretty")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "core.logging.JsonFormatter"},
        "pretty": {"()": "core.logging.PrettyFormatter"},
    },
    "handlers": {
        "stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": LOG_FORMAT},
    },
    "root": {"handlers": ["stdout"], "level": "WARNING"},
    "loggers": {
        NAME: {"level": LOG_LEVEL.upper()},
        # What these say of a request stands in our own lines, without the user's words.
        "django": {"handlers": [], "level": "ERROR"},
        "django.request": {"level": "CRITICAL"},
        "django.security": {"level": "CRITICAL"},
    },
}
