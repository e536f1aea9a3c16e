"""One account per address: every spelling of an e-mail address has one normal form."""

import unicodedata

from email_validator import EmailNotValidError, validate_email

MAX_LENGTH = 254


def normal_form(address: str) -> str:
    """NFKC, lower case, the domain as DNS knows it; ValueError if it is not one address."""
    try:
        parts = validate_email(
            unicodedata.normalize("NFKC", address).strip(),
            allow_smtputf8=False,
            check_deliverability=False,
            strict=True,
            # Lets the reserved domain .test through, to which nobody can deliver anything.
            test_environment=True,
        )
    except EmailNotValidError:
        # Its own words quote what was sent.
        raise ValueError("is not an e-mail address") from None
    if "." not in parts.ascii_domain:
        raise ValueError("is not an e-mail address")
    return f"{parts.local_part.lower()}@{parts.ascii_domain.lower()}"


def lookup_form(address: str) -> str:
    """The normal form, or for what is no address at all something no account has."""
    try:
        return normal_form(address)
    except ValueError:
        return unicodedata.normalize("NFKC", address).strip().lower()
