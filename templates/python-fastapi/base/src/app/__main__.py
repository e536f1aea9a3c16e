"""Commands of the service: python -m app COMMAND."""

import argparse
import asyncio
import json
import sys

from app.checks import checked_settings
from app.config import TITLE, Settings, fresh, fresh_env


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m app", description=TITLE)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("serve", help="answer requests until told to stop")
    commands.add_parser("migrate", help="bring the database up to date")
    commands.add_parser("seed", help="make sample data; development only")
    # <% if .accounts %>
    admin = commands.add_parser("create-admin", help="make an administrator")
    admin.add_argument("email")
    # <% end %>
    commands.add_parser("env", help="print a .env for development, with fresh keys")
    commands.add_parser("openapi", help="print the API's description")
    run(parser.parse_args())


def run(arguments: argparse.Namespace) -> None:
    """Run one command; each imports only what it needs, and nothing before it may start."""
    match arguments.command:
        case "env":
            sys.stdout.write(fresh_env())
        case "openapi":
            from app.docs import describe
            from app.main import create_app

            # Whatever this machine is set up for: it is part of the sources.
            settings = Settings(_env_file=None, database_url="sqlite://", **fresh())
            print(json.dumps(describe(create_app(settings)), indent=2, ensure_ascii=False))
        case "migrate":
            settings = checked_settings()
            from app.core.db import upgrade

            upgrade(settings)
        case "serve":
            settings = checked_settings()
            import uvloop

            from app.server import serve

            uvloop.run(serve(settings))
        case "seed":
            settings = checked_settings()
            from app.commands import seed

            asyncio.run(seed(settings))
        # <% if .accounts %>
        case "create-admin":
            from app.commands import create_admin

            asyncio.run(create_admin(arguments.email))
        # <% end %>


if __name__ == "__main__":
    main()
