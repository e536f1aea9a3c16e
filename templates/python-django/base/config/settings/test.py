"""Tests: development's settings, without anything of the machine they run on."""

import os
import secrets

# What this shell or .env is set up for must not matter.
for name in ("BIND", "PORT", "REDIS_URL", "SMTP_URL", "TRUSTED_PROXIES"):
    os.environ.pop(name, None)
