"""A complete development configuration with fresh keys."""

import secrets

# <% if .accounts %>
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

# <% end %>


def fresh() -> str:
    """The text of a .env file; every call makes new keys."""
    values = {
        "APP_ENV": "development",
        "CURSOR_SECRET": secrets.token_urlsafe(48),
        # <% if .accounts %>
        "JWT_PRIVATE_KEYS": '"' + _signing_key().replace("\n", "\\n") + '"',
        # <% end %>
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


# <% if .accounts %>
def _signing_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode().strip()
# <% end %>
