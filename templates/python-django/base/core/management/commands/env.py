import secrets
from typing import Any, override

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Print a .env for development; every call makes new keys."
    requires_system_checks = []

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(fresh_env())


def fresh_env() -> str:
    lines = ["APP_ENV=development", f"CURSOR_SECRET={secrets.token_urlsafe(48)}"]
    # <% if .accounts %>
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode().strip()
    one_line = pem.replace("\n", "\\n")
    lines.append(f'JWT_PRIVATE_KEYS="{one_line}"')
    # <% end %>
    return "\n".join(lines)
