"""Commands of the service: python -m app COMMAND."""

import argparse
import sys

from app.checks import checked_settings
from app.config import TITLE, fresh_env


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m app", description=TITLE)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("serve", help="answer the gateway until told to stop")
    commands.add_parser("migrate", help="bring the database up to date")
    commands.add_parser("env", help="print a .env for development, with fresh keys")
    run(parser.parse_args().command)


def run(command: str) -> None:
    """Run one command; each imports only what it needs, and nothing before it may start."""
    match command:
        case "env":
            sys.stdout.write(fresh_env())
        case "migrate":
            settings = checked_settings()
            from app.core.db import upgrade

            upgrade(settings)
        case "serve":
            settings = checked_settings()
            import uvloop

            from app.server import serve

            uvloop.run(serve(settings))


if __name__ == "__main__":
    main()
