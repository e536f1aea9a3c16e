"""Commands of the service: python manage.py COMMAND."""

import os
import sys
from pathlib import Path

from config import env

# <% if .benchmark %>
PROFILES = ("development", "production", "benchmark", "test")
# <% else %>
PROFILES = ("development", "production", "test")
# <% end %>


def main() -> None:
    profile = os.environ.get("APP_ENV", "development")
    if profile not in PROFILES:
        sys.exit("APP_ENV: neither development nor production")
    if profile == "development":
        env.load(Path(".env"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"config.settings.{profile}")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
