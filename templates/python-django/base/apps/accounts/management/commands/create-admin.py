import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any, override

from django.core.management.base import CommandError

from apps.accounts.schemas import normal_form
from apps.accounts.services import save_user
from core.checks import CheckedCommand
from core.problem import Problem


class Command(CheckedCommand):
    help = "Make an administrator, or one of an existing user; the password comes from stdin."

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    @override
    def handle(self, *args: Any, email: str, **options: Any) -> None:
        prompt = sys.stdin.isatty()
        password = getpass("Password: ") if prompt else sys.stdin.readline().rstrip("\n")
        try:
            address = normal_form(email)
            save_user(address, password, role="admin")
        except ValueError as error:
            raise CommandError(f"{email!r} {error}") from None
        except Problem as problem:
            reason = problem.detail or (problem.errors or [{}])[0].get("detail", problem.slug)
            raise CommandError(f"the password: {reason}") from None
        self.stdout.write(f"{address} is an administrator.")
